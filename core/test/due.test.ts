/** Steps that belong to no client's chunk, and the verbs that ask for them. */
import { expect, test } from 'vitest'
import { Connections } from '../src/connections.ts'
import { forwardingOutbox, forwardingProtocol, withOutbox } from '../src/index.ts'
import type { Outbox, Protocol } from '../src/protocol.ts'
import { Fellows, Finishing, Rig, Scripted } from './rig.ts'
import { FakeListener, FakeSocket } from './support.ts'

const KIB = 1024

test('a connection has the role that its listener says, `client` where it says none', () => {
  const rig = new Rig()
  rig.connect()
  rig.listener.roleOf = () => 'operator'
  rig.connect()
  expect(rig.protocol.calls).toEqual(['connected 1 as client', 'connected 2 as operator'])
})

test('wakeAt: of several requests the earliest counts, and it is spent by `woken`', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => {
    out.wakeAt(out.now + 50)
    out.wakeAt(out.now + 20)
    out.wakeAt(out.now + 30)
  })
  expect(rig.clock.pending, 'timers').toBe(1)
  rig.clock.advance(19)
  await rig.due()
  expect(rig.dueEdges).toBe(0)
  rig.clock.advance(1)
  await rig.due()
  rig.clock.advance(100)
  await rig.due()
  expect(rig.protocol.calls.filter((call) => call.startsWith('woken'))).toEqual(['woken at 20'])
})

test('what is held of the input of a client that is owed a `drained` step is counted anew, once, whoever’s step asks for it', () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.connect()
  const asked: unknown[] = []
  rig.protocol.heldBytes = (client?: number) => {
    asked.push(client)
    return client === 2 ? 500 : 0
  }
  rig.step(connection, (out) => out.whenQueued(2, 0))
  expect(rig.connections.statistics().held.input).toBe(500)
  rig.step(connection, () => {})
  expect(asked).toEqual([1, 2, 1])
})

test('a server that stops wakes its protocol no more: it keeps the timers of the shutdown, and no other', () => {
  const rig = new Rig()
  rig.step(rig.connect().connection, (out) => out.wakeAt(10))
  rig.connections.stop()
  expect(rig.clock.pending).toBe(2)
})

test('nor does it where the pattern takes its edge only then', async () => {
  const rig = new Rig()
  rig.step(rig.connect().connection, (out) => out.wakeAt(10))
  rig.clock.advance(10)
  await rig.clock.endTurn()
  expect(rig.dueEdges).toBe(1)
  rig.connections.stop()
  rig.connections.due()
  expect(rig.protocol.calls.filter((call) => call.startsWith('woken'))).toEqual([])
})

test('a paced connection is never full, and what it causes is full for nobody; the others are as before', () => {
  const rig = new Rig({ queuedBytesMax: 8 * KIB })
  rig.protocol.does = (_, out) => out.pace(1)
  const [link, client] = [rig.connect().connection, rig.connect().connection]
  const fill = (to: number) => (out: Outbox) => out.send(to, new Uint8Array(8 * KIB))
  expect(rig.step(client, fill(1))).toEqual([])
  expect(rig.step(link, fill(2))).toEqual([])
  expect(rig.step(client, fill(2))).toEqual([client])
  rig.protocol.does = (_, out) => {
    out.pace(3)
    out.send(2, new Uint8Array(8 * KIB))
  }
  expect(rig.connections.connected(rig.accept().connection)).toEqual([])
})

test('a timer that fires early wakes nobody early', async () => {
  const rig = new Rig()
  const early: (() => void)[] = []
  rig.clock.after = (_, fn) => {
    early.push(fn)
    return () => {}
  }
  rig.step(rig.connect().connection, (out) => out.wakeAt(10))
  early.shift()?.()
  await rig.due()
  expect([rig.dueEdges, early.length]).toEqual([0, 1])
})

test('`now` is one value for a whole step', () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  const seen: number[] = []
  rig.step(connection, (out) => {
    seen.push(out.now)
    rig.clock.advance(5)
    seen.push(out.now)
  })
  rig.step(connection, (out) => seen.push(out.now))
  expect(seen).toEqual([0, 0, 5])
})

test('whenQueued: one `drained` step, as soon as so little is queued', async () => {
  const rig = new Rig({ queuedBytesMax: 64 * KIB })
  const { connection, socket } = rig.connect({ room: 0 })
  rig.step(connection, (out) => {
    out.send(1, new Uint8Array(32 * KIB))
    out.whenQueued(1, 8 * KIB)
  })
  connection.flush()
  await rig.due()
  expect(rig.dueEdges).toBe(0)
  socket.accept(32 * KIB)
  await rig.due()
  await rig.due()
  expect(rig.protocol.calls.filter((call) => call === 'drained 1')).toHaveLength(1)
})

test('whenQueued is asked once for each `drained` step', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  for (let time = 0; time < 3; time++) {
    rig.step(connection, (out) => {
      out.send(1, new Uint8Array(10))
      if (time === 0) out.whenQueued(1, 0)
    })
    connection.flush()
    await rig.due()
  }
  expect(rig.protocol.calls.filter((call) => call.startsWith('drained'))).toEqual(['drained 1'])
})

test('whenQueued of a queue that is short enough already is due at the end of the turn, not inside of the step', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => out.whenQueued(1, 0))
  expect(rig.dueEdges).toBe(0)
  await rig.due()
  expect(rig.protocol.calls.at(-1)).toBe('drained 1')
})

test('what a pattern holds of a client counts as queued for it', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  connection.handOver(100)
  rig.step(connection, (out) => {
    expect(out.queued(1)).toBe(100)
    out.whenQueued(1, 99)
  })
  await rig.due()
  expect(rig.dueEdges).toBe(0)
  connection.handOver(-1)
  await rig.due()
  expect(rig.protocol.calls.at(-1)).toBe('drained 1')
})

test('an offer is refused and counted beyond half of the bound; reading the count resets it', () => {
  const rig = new Rig({ queuedBytesMax: 8 * KIB })
  const { connection } = rig.connect({ room: 0 })
  const answers: boolean[] = []
  rig.step(connection, (out) => {
    for (let i = 0; i < 6; i++) answers.push(out.offer(1, new Uint8Array(KIB)))
    expect([out.missed(1), out.missed(1)]).toEqual([2, 0])
    expect(out.offer(9, new Uint8Array(1))).toBe(false)
    expect(out.missed(9)).toBe(0)
  })
  expect(answers).toEqual([true, true, true, true, false, false])
  const { decided, drops } = rig.connections.statistics()
  expect([decided.sends, drops.refused.sends, drops['not-connected'].sends]).toEqual([7, 2, 1])
})

test('behind a refused offer all are refused until the count is read, whatever room there is', async () => {
  const rig = new Rig({ queuedBytesMax: 8 * KIB })
  const { connection, socket } = rig.connect({ room: 0 })
  rig.step(connection, (out) => {
    expect([out.offer(1, new Uint8Array(5 * KIB)), out.offer(1, new Uint8Array(1))]).toEqual([false, false])
    expect([out.missed(1), out.offer(1, new Uint8Array(4 * KIB)), out.offer(1, new Uint8Array(1))]).toEqual([
      2,
      true,
      false,
    ])
  })
  connection.flush()
  socket.accept(4 * KIB)
  rig.step(connection, (out) => expect([out.offer(1, new Uint8Array(1)), out.missed(1)]).toEqual([false, 2]))
})

const OFFERS: Readonly<Record<string, (out: Outbox, bytes: Uint8Array) => unknown>> = {
  offer: (out, bytes) => out.offer(1, bytes),
  offerAll: (out, bytes) => out.offerAll(new Fellows(1), bytes),
}

test.each(Object.entries(OFFERS))(
  'a client that missed an %s has one `drained` step when a quarter of the bound is queued',
  async (_, offer) => {
    const rig = new Rig({ queuedBytesMax: 8 * KIB })
    const { connection, socket } = rig.connect({ room: 0 })
    rig.step(connection, (out) => {
      out.send(1, new Uint8Array(4 * KIB))
      for (let i = 0; i < 3; i++) offer(out, new Uint8Array(KIB))
    })
    connection.flush()
    await rig.due()
    expect(rig.dueEdges).toBe(0)
    socket.accept(4 * KIB)
    rig.protocol.does = (call, out) => {
      if (call === 'drained 1') expect([out.missed(1), out.offer(1, new Uint8Array(1))]).toEqual([3, true])
    }
    await rig.due()
    await rig.due()
    expect(rig.protocol.calls.filter((call) => call === 'drained 1')).toHaveLength(1)
  },
)

test('offers hold nobody back', () => {
  const rig = new Rig({ queuedBytesMax: 8 * KIB })
  const { connection } = rig.connect({ room: 0 })
  const full = rig.step(connection, (out) => {
    for (let i = 0; i < 20; i++) out.offerAll(new Fellows(1), new Uint8Array(KIB))
  })
  expect(full).toEqual([])
})

test('what `connected` sends fills destinations as a message does', () => {
  const rig = new Rig({ queuedBytesMax: 8 * KIB })
  rig.connect({ room: 0 })
  rig.protocol.does = (_, out) => out.send(1, new Uint8Array(8 * KIB))
  rig.listener.bring(new FakeSocket())
  const [first, second] = [...rig.connections.all()]
  if (!second) throw new Error('the second one was not accepted')
  expect(rig.connections.connected(second)).toEqual([first])
})

test('a close keeps the words that the protocol gave', async () => {
  const rig = new Rig()
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.close(1, 'too slow'))
  connection.end()
  socket.destroy()
  await rig.clock.rest()
  expect(rig.connections.statistics().lastCloses).toMatchObject([{ reason: 'protocol-close', why: 'too slow' }])
})

test('stopping: once, behind the last chunk, while everybody is connected', () => {
  const rig = new Rig()
  const one = rig.connect().connection
  const two = rig.connect().connection
  rig.connections.stop()
  rig.protocol.does = (call, out) => {
    if (call === 'stopping') for (const id of [1, 2]) out.send(id, Uint8Array.of(7))
  }
  rig.connections.disconnected(one)
  rig.connections.disconnected(two)
  expect(rig.protocol.calls.slice(2)).toEqual(['stopping', 'disconnected 1', 'disconnected 2'])
  expect([one.outgoing.length, two.outgoing.length]).toEqual([1, 1])
  expect(rig.connections.statistics().drops['not-connected'].sends).toBe(0)
})

test('nothing is due any more once the server stops', async () => {
  const rig = new Rig()
  rig.step(rig.connect().connection, (out) => out.wakeAt(10))
  rig.connections.stop()
  rig.clock.advance(20)
  await rig.due()
  expect(rig.dueEdges).toBe(0)
})

test('nothing that is asked for once the server stops comes, and no timer is left for it', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => out.wakeAt(10))
  rig.connections.stop()
  rig.step(connection, (out) => {
    out.wakeAt(5)
    out.whenQueued(1, 0)
  })
  await rig.due()
  expect([rig.dueEdges, rig.clock.pending]).toEqual([0, 2]) // A quarter of the grace, and all of it.
})

test('what is due is due once', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => out.wakeAt(1))
  rig.clock.advance(1)
  await rig.due()
  rig.step(connection, (out) => out.whenQueued(1, 0))
  await rig.due()
  rig.step(connection, (out) => out.wakeAt(2))
  rig.clock.advance(1)
  await rig.due()
  expect(rig.protocol.calls.filter((call) => !call.startsWith('received'))).toEqual([
    'connected 1 as client',
    'woken at 1',
    'drained 1',
    'woken at 2',
  ])
})

test('who has gone meanwhile is not told of its queue', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => {
    out.whenQueued(1, 0)
    out.abort(1, 'reset')
  })
  await rig.due()
  expect(rig.protocol.calls).not.toContain('drained 1')
})

test('a client that has sent FIN before the server stopped does not call for farewells', async () => {
  const rig = new Rig()
  const { connection, socket } = rig.connect()
  rig.connect()
  connection.arm()
  socket.fin()
  await rig.clock.rest()
  connection.tryRead()
  await rig.clock.rest()
  expect(connection.finReceived).toBe(true)
  const fin = connection.tryRead()
  if (fin.state === 'ok') rig.connections.received(connection, fin.chunk)
  rig.connections.stop()
  rig.connections.disconnected(connection)
  expect(rig.protocol.calls.slice(2)).toEqual(['disconnected 1'])
})

test('whose last step brings the farewells is first among those who are owed one', async () => {
  const rig = new Rig()
  const { socket } = rig.connect()
  rig.connect()
  socket.reset()
  await rig.clock.rest()
  rig.connections.stop()
  expect(Array.from(rig.connections.all(), ({ id }) => id)).toEqual([2, 1])
  for (const connection of rig.connections.all()) rig.connections.disconnected(connection)
  expect(rig.protocol.calls.slice(2)).toEqual(['stopping', 'disconnected 2', 'disconnected 1'])
  expect(Array.from(rig.connections.all(), ({ id }) => id)).toEqual([2])
})

test('a pattern that knows no `due` refuses a protocol that needs it', () => {
  const serve = (protocol: Protocol): Connections =>
    new Connections(protocol, new FakeListener(), {}, { accepted: () => {} })
  expect(() => serve(new Scripted())).toThrow(TypeError)
})

test('wrappers hand on every verb and every step', () => {
  const rig = new Rig()
  const verbs = Object.keys(forwardingOutbox(rig.connections, {}))
  const own = [
    'apart',
    'now',
    'send',
    'give',
    'keep',
    'offer',
    'offerAll',
    'missed',
    'queued',
    'whenQueued',
    'wakeAt',
    'close',
    'abort',
    'finish',
    'pause',
    'resume',
    'pace',
  ]
  expect(verbs.toSorted()).toEqual(own.toSorted())
  const steps = Object.keys(withOutbox(new Finishing(), (out) => out))
  expect(steps.toSorted()).toEqual(
    ['connected', 'received', 'disconnected', 'heldBytes', 'finished', 'drained', 'woken', 'stopping'].toSorted(),
  )
  const plain: Protocol = { connected() {}, received() {}, disconnected() {}, heldBytes: () => 0 }
  expect(Object.keys(forwardingProtocol(plain, {})).toSorted()).toEqual(
    ['connected', 'received', 'disconnected', 'heldBytes'].toSorted(),
  )
})
