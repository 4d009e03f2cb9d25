import assert from 'node:assert/strict'
import { post, watch } from './case.ts'
import type { Case } from './case.ts'

const OK = { state: 'ok' }
const CLOSED = { state: 'closed' }

export const MAILBOX_CASES: readonly Case[] = [
  {
    id: 'capacity-checked',
    says: 'a capacity is a whole number from 1, or Infinity',
    run(library) {
      for (const capacity of [0, -1, 1.5, Number.NaN]) assert.throws(() => post(library, { capacity }), RangeError)
      post(library, { capacity: Infinity })
    },
  },
  {
    id: 'handed-over',
    says: 'a receiver that waits is handed the message, and a message that waits is taken at once',
    async run(library) {
      const { mailbox, receiver, sender } = post(library)
      const first = mailbox.receive(receiver)
      assert.deepEqual(await mailbox.send(1, sender), OK)
      assert.deepEqual(await first, { state: 'ok', value: 1 })
      void mailbox.send(2, sender)
      assert.deepEqual(await mailbox.receive(receiver), { state: 'ok', value: 2 })
    },
  },
  {
    id: 'in-hand-counts',
    says: 'the message in hand counts until the receiver comes back: with capacity 1 the next sender waits for that',
    async run(library) {
      const { mailbox, receiver, sender, done, stage } = post(library)
      await mailbox.send(1, sender)
      await mailbox.receive(receiver)
      assert.equal(mailbox.size, 1)
      const second = watch(mailbox.send(2, sender))
      await stage.rest()
      assert.equal(second.settled, undefined)
      assert.deepEqual(done, [])
      assert.deepEqual(await mailbox.receive(receiver), { state: 'ok', value: 2 })
      assert.deepEqual(second.settled, OK)
      assert.deepEqual(done, [1])
    },
  },
  {
    id: 'first-come-first-served',
    says: 'senders that wait get in in the order in which they came, and nobody overtakes them',
    async run(library) {
      const { mailbox, receiver, sender } = post(library, { capacity: 2 })
      for (let message = 1; message <= 20; message++) void mailbox.send(message, sender)
      const received: number[] = []
      for (let next = 1; next <= 20; next++) {
        const message = await mailbox.receive(receiver)
        if (message.state === 'ok') received.push(message.value)
        void mailbox.send(20 + next, sender)
      }
      assert.deepEqual(
        received,
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
      assert.equal(mailbox.size, 2)
    },
  },
  {
    id: 'no-overtaking',
    says: 'where a message was lost there is room, but whoever waits has it first',
    async run(library) {
      const { mailbox, receiver, sender } = post(library)
      void mailbox.send(1, sender)
      await mailbox.receive(receiver)
      void mailbox.send(2, sender)
      receiver.end('failed')
      void mailbox.send(3, sender)
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 2 })
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 3 })
    },
  },
  {
    id: 'unbounded',
    says: 'with no bound nobody waits, and a hundred thousand messages come out in order',
    async run(library) {
      const { mailbox, receiver, sender } = post(library, { capacity: Infinity })
      for (let message = 0; message < 100_000; message++) {
        void mailbox.send(message, sender)
        if (message % 3 === 0) await mailbox.receive(receiver)
      }
      assert.equal(mailbox.size, 66_667)
      for (let message = 33_334; message < 100_000; message++) {
        assert.deepEqual(await mailbox.receive(receiver), { state: 'ok', value: message })
      }
    },
  },
  {
    id: 'close',
    says: 'closing gives back what waits; what is in can be received; then it is closed to both ends',
    async run(library) {
      const { mailbox, receiver, sender, lost } = post(library)
      assert.equal(mailbox.closed, false)
      await mailbox.send(1, sender)
      const waiting = mailbox.send(2, sender)
      mailbox.close()
      assert.equal(mailbox.closed, true)
      assert.deepEqual(await waiting, { state: 'closed', message: 2 })
      assert.deepEqual(await mailbox.send(3, sender), { state: 'closed', message: 3 })
      assert.deepEqual(await mailbox.receive(receiver), { state: 'ok', value: 1 })
      assert.deepEqual(await mailbox.receive(receiver), CLOSED)
      assert.deepEqual(lost, [])
    },
  },
  {
    id: 'close-ends-receive',
    says: 'closing ends the wait of the receiver',
    async run(library) {
      const { mailbox, receiver } = post(library)
      const received = mailbox.receive(receiver)
      mailbox.close()
      assert.deepEqual(await received, CLOSED)
    },
  },
  {
    id: 'cancel',
    says: 'what nobody will receive is reported lost, once',
    async run(library) {
      const { mailbox, receiver, sender, lost } = post(library, { capacity: 3 })
      for (const message of [1, 2, 3]) void mailbox.send(message, sender)
      const waiting = mailbox.send(4, sender)
      await mailbox.receive(receiver)
      receiver.end('returned')
      mailbox.cancel()
      mailbox.cancel()
      assert.deepEqual(await waiting, { state: 'closed', message: 4 })
      assert.deepEqual(lost, [
        { message: 2, why: 'unread' },
        { message: 3, why: 'unread' },
      ])
    },
  },
  {
    id: 'transfer',
    says: 'when the receiver dies, what is in and what waits is for the next one, in order; the message in hand is lost',
    async run(library) {
      const { mailbox, receiver, sender, lost, done, stage } = post(library, { capacity: 2 })
      void mailbox.send(1, sender)
      void mailbox.send(2, sender)
      const third = watch(mailbox.send(3, sender))
      await mailbox.receive(receiver)
      receiver.end('failed')
      await stage.rest()
      assert.equal(third.settled, undefined)
      assert.deepEqual(lost, [{ message: 1, why: 'in-hand' }])
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 2 })
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 3 })
      assert.deepEqual(third.settled, OK)
      assert.deepEqual(done, [2])
      assert.equal(lost.length, 1)
    },
  },
  {
    id: 'fail',
    says: 'where it is so stated, the death of the receiver fails whoever waits, and what is in is lost',
    async run(library) {
      const { mailbox, receiver, sender, lost } = post(library, { capacity: 2, onDeath: 'fail' })
      void mailbox.send(1, sender)
      void mailbox.send(2, sender)
      const third = mailbox.send(3, sender)
      await mailbox.receive(receiver)
      receiver.end('failed')
      assert.deepEqual(await third, { state: 'failed', message: 3 })
      assert.deepEqual(lost, [
        { message: 1, why: 'in-hand' },
        { message: 2, why: 'unread' },
      ])
      assert.deepEqual(await mailbox.send(4, sender), OK)
    },
  },
  {
    id: 'returned-is-done',
    says: 'a receiver that returns has done the message in its hand',
    async run(library) {
      const { mailbox, receiver, sender, lost, done } = post(library)
      await mailbox.send(1, sender)
      await mailbox.receive(receiver)
      receiver.end('returned')
      receiver.end('failed')
      assert.deepEqual([done, lost], [[1], []])
      assert.equal(mailbox.size, 0)
    },
  },
  {
    id: 'stale',
    says: 'an incarnation that is over sends nothing and receives nothing; what it waits to send comes back, and the others keep their order',
    async run(library) {
      const { mailbox, receiver, sender, stage } = post(library)
      const zombie = new library.Incarnation('z')
      await mailbox.send(1, sender)
      const others = [watch(mailbox.send(2, sender))]
      const stuck = mailbox.send(10, zombie)
      others.push(watch(mailbox.send(3, sender)))
      assert.equal(zombie.stale, false)
      zombie.end('abandoned')
      assert.equal(zombie.stale, true)
      assert.deepEqual(await stuck, { state: 'stale', message: 10 })
      assert.deepEqual(await mailbox.send(11, zombie), { state: 'stale', message: 11 })
      const received: unknown[] = []
      for (let count = 0; count < 3; count++) received.push(await mailbox.receive(receiver))
      assert.deepEqual(
        received,
        [1, 2, 3].map((value) => ({ state: 'ok', value })),
      )
      receiver.end('abandoned')
      assert.deepEqual(await mailbox.receive(receiver), CLOSED)
      await stage.rest()
      assert.deepEqual(
        others.map(({ settled }) => settled),
        [OK, OK],
      )
    },
  },
  {
    id: 'stale-closed',
    says: 'to whoever is over every mailbox answers stale, be it open or closed',
    async run(library) {
      const { mailbox, sender } = post(library)
      mailbox.close()
      sender.end('returned')
      assert.deepEqual(await mailbox.send(1, sender), { state: 'stale', message: 1 })
    },
  },
  {
    id: 'end-ends-receive',
    says: 'the end of an incarnation ends its wait for a message',
    async run(library) {
      const { mailbox, receiver, sender } = post(library)
      const received = mailbox.receive(receiver)
      receiver.end('abandoned')
      assert.deepEqual(await received, CLOSED)
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      void mailbox.send(1, sender)
      assert.deepEqual(await mailbox.receive(receiver), CLOSED)
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 1 })
    },
  },
  {
    id: 'retire',
    says: 'an incarnation that retires receives nothing more, finishes what it has in hand, and leaves the rest to the next',
    async run(library) {
      const { mailbox, receiver, sender, done, lost } = post(library, { capacity: 3 })
      for (const message of [1, 2]) void mailbox.send(message, sender)
      await mailbox.receive(receiver)
      assert.equal(receiver.signal.aborted, false)
      receiver.retire()
      assert.equal(receiver.signal.aborted, true)
      assert.deepEqual(await mailbox.receive(receiver), CLOSED)
      assert.deepEqual(done, [1])
      assert.deepEqual(await mailbox.send(3, receiver), OK)
      receiver.end('returned')
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      assert.deepEqual(await mailbox.receive(next), { state: 'ok', value: 2 })
      const waiting = mailbox.receive(next)
      assert.deepEqual(await waiting, { state: 'ok', value: 3 })
      assert.deepEqual(lost, [])
    },
  },
  {
    id: 'retire-ends-receive',
    says: 'retiring ends the wait for a message, and closes nothing',
    async run(library) {
      const { mailbox, receiver, sender } = post(library)
      const received = mailbox.receive(receiver)
      receiver.retire()
      assert.deepEqual(await received, CLOSED)
      assert.deepEqual(await mailbox.send(1, sender), OK)
    },
  },
  {
    id: 'retired-waits-for-nobody',
    says: 'what an incarnation waits to send comes back when it retires; it can still send where there is room',
    async run(library) {
      const { mailbox, receiver, sender, stage } = post(library)
      await mailbox.send(1, sender)
      const [waiting, other] = [mailbox.send(2, sender), watch(mailbox.send(3, new library.Incarnation('c')))]
      sender.retire()
      assert.deepEqual(await waiting, { state: 'stale', message: 2 })
      assert.deepEqual(await mailbox.send(4, sender), { state: 'stale', message: 4 })
      await stage.rest()
      assert.equal(other.settled, undefined)
      for (const value of [1, 3]) assert.deepEqual(await mailbox.receive(receiver), { state: 'ok', value })
      void mailbox.receive(receiver)
      assert.deepEqual(await mailbox.send(5, sender), OK)
    },
  },
  {
    id: 'one-receiver',
    says: 'a mailbox has one receiver, which receives once at a time',
    async run(library) {
      const { mailbox, receiver, stage } = post(library)
      assert.throws(() => mailbox.attach(new library.Incarnation('c')), /mailbox "b" has a receiver already/)
      void mailbox.receive(receiver)
      assert.throws(() => mailbox.receive(receiver), /two calls of receive at a time from mailbox "b"/)
      await stage.rest()
    },
  },
  {
    id: 'reopened',
    says: 'a receiver that is attached opens what was closed',
    async run(library) {
      const { mailbox, receiver, sender } = post(library)
      receiver.end('returned')
      mailbox.cancel()
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      assert.deepEqual(await mailbox.send(1, sender), OK)
    },
  },
  {
    id: 'cycle-named',
    says: 'a cycle of full mailboxes is named',
    async run(library) {
      const { mailbox: b, receiver: serviceB, stage } = post(library)
      const serviceA = new library.Incarnation('a')
      const a = new library.Mailbox<number>({
        name: 'a',
        capacity: 1,
        onDeath: 'transfer',
        lost() {},
        waits: stage.waits,
      })
      a.attach(serviceA)
      void a.send(1, new library.Incarnation('client'))
      void b.send(1, new library.Incarnation('client'))
      void a.send(2, serviceB)
      void b.send(2, serviceA)
      assert.equal(stage.waits.render(), 'deadlock: b waits for mailbox of a, which waits for mailbox of b')
      serviceA.end('failed')
      assert.deepEqual(stage.waits.cycles(), [])
    },
  },
  {
    id: 'idle-named',
    says: 'whoever is told to stop and waits for a message all the same is in the graph: before and after it is told',
    async run(library) {
      const { mailbox, receiver, sender, stage } = post(library)
      const received = mailbox.receive(receiver)
      receiver.stop()
      assert.equal(stage.waits.render(), 'b waits for a message, although it is told to stop')
      void mailbox.send(1, sender)
      await received
      assert.deepEqual(stage.waits.edges(), [])
      const last = mailbox.receive(receiver)
      assert.equal(stage.waits.render(), 'b waits for a message, although it is told to stop')
      receiver.end('abandoned')
      await last
      assert.deepEqual(stage.waits.edges(), [])
      const next = new library.Incarnation('b', 2)
      mailbox.attach(next)
      void mailbox.receive(next)
      receiver.stop()
      assert.deepEqual(stage.waits.edges(), [])
    },
  },
  {
    id: 'waits-end',
    says: 'the graph holds a wait for as long as it lasts',
    async run(library) {
      const { mailbox, receiver, sender, stage } = post(library)
      const received = mailbox.receive(receiver)
      assert.deepEqual(stage.waits.edges(), [])
      void mailbox.send(1, sender)
      await received
      assert.deepEqual(stage.waits.edges(), [])
      const second = mailbox.send(2, sender)
      assert.equal(stage.waits.render(), 'a waits for mailbox of b')
      await mailbox.receive(receiver)
      await second
      assert.deepEqual(stage.waits.edges(), [])
      void mailbox.send(3, sender)
      mailbox.close()
      assert.deepEqual(stage.waits.edges(), [])
    },
  },
]
