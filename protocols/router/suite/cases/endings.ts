/** Section 4: how connections end, and what is owed by then. */
import type { Case } from '../case.ts'
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { message } from '../client/message.ts'
import { concat } from '@switchyard/conformance/portable'
import { Arrivals, arrivalsOf, Numbered, numberedBy } from '../client/numbered.ts'
import { SHUTDOWN } from './shutdown.ts'
import { BODY_BYTES, bodyOf, connectAll, KIB, probe, STALLING_COUNT } from './steps.ts'

export const ENDINGS: readonly Case[] = [
  {
    id: 'R4.1-complete-before-fin',
    clause: 'R4.1',
    name: 'complete messages before a FIN are delivered, an incomplete one is not, and the server closes',
    needs: ['wire'],
    async run(context) {
      const [receiver, other] = [await context.connect('receiver'), await context.connect('other')]
      const incomplete = message(receiver.id, 'never')
      for (const bytes of [0, 2, 4, 8]) {
        const leaver = await context.connect(`leaver after ${bytes} bytes of a message`)
        const messages = [message(receiver.id, 'one'), message(receiver.id, 'two')]
        await leaver.send(concat([...messages, incomplete.subarray(0, bytes)]))
        leaver.end()
        await receiver.expect('one')
        await receiver.expect('two')
        await leaver.expectClosed('fin')
        await probe(other, receiver)
      }
    },
  },
  {
    id: 'R4.1-megabytes-before-fin',
    clause: 'R4.1',
    name: 'megabytes before a FIN are all delivered, to a receiver that begins to read after it',
    needs: ['wire'],
    async run(context) {
      const [leaver, receiver] = [await context.connect('leaver'), await context.connect('receiver')]
      const messages = new Numbered('leaver', () => BODY_BYTES)
      receiver.pause()
      const sent = leaver.flood(messages.messages(receiver, STALLING_COUNT)).then((count) => {
        leaver.end()
        return count
      })
      await context.settled()
      receiver.resume()
      await new Arrivals(receiver, [messages]).receive(STALLING_COUNT)
      expectSame('messages sent', STALLING_COUNT, await sent)
      await leaver.expectClosed('fin')
    },
  },
  {
    id: 'R4.1-fin-behind-own-messages',
    clause: 'R4.1',
    name: 'a client that sends to itself and then FIN receives it all, and then FIN',
    needs: ['wire'],
    async run(context) {
      const client = await context.connect('client')
      const messages = new Numbered('client', (number) => number * 1_000)
      await client.send(concat([...messages.messages(client, 20)]))
      client.end()
      await new Arrivals(client, [messages]).receive(20)
      await client.expectClosed('fin')
    },
  },
  {
    id: 'R4.1-fin-while-receiving',
    clause: 'R4.1',
    name: 'a client that has sent FIN while messages pour in for it receives whole ones, and then FIN',
    needs: ['wire'],
    async run(context) {
      const [sender, leaver] = [await context.connect('sender'), await context.connect('leaver')]
      const other = await context.connect('other')
      const messages = new Numbered('sender', () => BODY_BYTES)
      leaver.pause()
      const sent = sender.flood(messages.messages(leaver, STALLING_COUNT))
      const arrivals = new Arrivals(leaver, [messages])
      await arrivals.receive(1)
      leaver.end()
      await context.settled()
      leaver.resume()
      await arrivals.receiveToEnd()
      await leaver.expectClosed('fin')
      expectSame('messages that its sender could send', STALLING_COUNT, await sent, 'sent-too-few')
      await probe(sender, other)
    },
  },
  {
    id: 'R4.1-queue-flushed-at-fin',
    clause: 'R4.1',
    name: 'what is queued for a client when its FIN comes is flushed',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [sender, leaver] = [await context.connect('sender'), await context.connect('leaver')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      leaver.pause()
      const sent = sender.flood(messages.messages(leaver, STALLING_COUNT))
      await context.settled()
      const { bytesOut, held } = context.statistics()
      leaver.end()
      await context.settled()
      leaver.resume()
      const arrivals = new Arrivals(leaver, [messages])
      await arrivals.receiveToEnd()
      await leaver.expectClosed('fin')
      const queued = held.queues + held.mailboxes
      expectTrue(
        queued === 0 || leaver.bytesReceived > bytesOut,
        `leaver received ${leaver.bytesReceived} bytes: no more than the ${bytesOut} that had gone out before its FIN, ` +
          `though ${queued} were queued`,
      )
      await sent
    },
  },
  {
    id: 'R4.1-departed-dropped',
    clause: 'R4.1',
    name: 'a message for a client that has left is dropped, and its sender stays',
    needs: ['wire'],
    async run(context) {
      const [sender, other] = [await context.connect('sender'), await context.connect('other')]
      for (let i = 0; i < 5; i++) {
        const leaver = await context.connect(`leaver ${i}`)
        await probe(sender, leaver)
        leaver.end()
        await leaver.expectClosed('fin')
        await sender.send(concat([message(leaver.id, 'late'), message(leaver.id), message(other.id, 'in time')]))
        await other.expect('in time')
        await probe(sender, other)
      }
    },
  },
  {
    id: 'R4.1-departed-counted',
    clause: 'R4.1',
    name: 'messages for a client that has left are counted as dropped',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [sender, leaver] = [await context.connect('sender'), await context.connect('leaver')]
      leaver.end()
      await leaver.expectClosed('fin')
      await sender.sendMessage(leaver.id, 'late')
      await sender.sendMessage(leaver.id, 'later')
      await probe(sender, sender)
      expectSame('messages counted as dropped', 2, context.statistics().drops['not-connected'].sends)
      await context.until('a close counted as client-fin', ({ closes }) => closes['client-fin'] === 1)
    },
  },
  {
    id: 'R4.2-reset-in-a-message',
    clause: 'R4.2',
    name: 'a reset in the middle of a message is noticed by nobody else',
    needs: ['wire'],
    async run(context) {
      const [receiver, other] = [await context.connect('receiver'), await context.connect('other')]
      for (const bytes of [1, 4, 6]) {
        const victim = await context.connect(`victim after ${bytes} bytes of a message`)
        await victim.send(concat([message(receiver.id, 'whole'), message(receiver.id, 'never').subarray(0, bytes)]))
        await receiver.expect('whole')
        victim.reset()
        await context.settled()
        await probe(other, receiver)
        await probe(receiver, other)
      }
    },
  },
  {
    id: 'R4.2-destination-resets',
    clause: 'R4.2',
    name: 'a destination that resets, with much queued for it, takes nothing from its sender',
    needs: ['wire'],
    async run(context) {
      const [sender, other] = [await context.connect('sender'), await context.connect('other')]
      const victim = await context.connect('victim')
      const messages = new Numbered('sender', () => BODY_BYTES)
      victim.pause()
      const sent = sender.flood(messages.messages(victim, STALLING_COUNT))
      await context.settled()
      victim.reset()
      expectSame('messages that its sender could send', STALLING_COUNT, await sent, 'sent-too-few')
      await probe(sender, other)
    },
  },
  {
    id: 'R4.2-sender-resets',
    clause: 'R4.2',
    name: 'a sender that resets, with much on its way, leaves whole messages behind',
    needs: ['wire'],
    async run(context) {
      const receiver = await context.connect('receiver')
      const senders = numberedBy(await connectAll(context, 'sender ', 2), () => BODY_BYTES)
      const [victim, other] = senders
      if (!victim || !other) return
      receiver.pause()
      const sent = victim.client.flood(victim.messages.messages(receiver, STALLING_COUNT))
      await context.settled()
      victim.client.reset()
      await sent
      receiver.resume()
      const alsoSent = other.client.flood(other.messages.messages(receiver, 20))
      const arrivals = arrivalsOf(receiver, senders)
      await arrivals.receiveFrom(other.messages, 20)
      await alsoSent
      await context.settled()
      await other.client.sendMessage(receiver, other.messages.body(20))
      await arrivals.receiveFrom(other.messages, 21)
    },
  },
  {
    id: 'R4.2-dozens-reset',
    clause: 'R4.2',
    name: 'traffic goes on between two clients while dozens of others reset',
    needs: ['wire'],
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const victims = await connectAll(context, 'victim ', 40)
      const messages = new Numbered('sender', (number) => (number % 10) * 1_000)
      const sent = sender.flood(messages.messages(receiver, 1_000))
      for (const [i, victim] of victims.entries()) {
        void victim.send(message(victims[i - 1]?.id ?? receiver.id, bodyOf(100 * KIB)).subarray(0, -1)).catch(() => {})
        victim.reset()
      }
      await new Arrivals(receiver, [messages]).receive(1_000)
      await sent
      await probe(sender, receiver)
    },
  },
  {
    id: 'R4.2-freed-at-reset',
    clause: 'R4.2',
    name: 'what was held of a client that resets, and for it, is freed',
    needs: ['wire', 'statistics'],
    async run(context) {
      const [victim, sender] = [await context.connect('victim'), await context.connect('sender')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      victim.pause()
      await victim.send(message(sender.id, bodyOf(300 * KIB)).subarray(0, -1))
      await context.until('an unfinished message counted as held', ({ held }) => held.input > 300 * KIB)
      const sent = sender.flood(messages.messages(victim, STALLING_COUNT))
      await context.settled()
      await context.until('something queued', ({ held }) => held.total - held.input > 0)
      victim.reset()
      await sent
      await context.until('nothing held', (statistics) => statistics.held.total === 0)
      await context.until(
        'a close counted as reset',
        ({ closes, connections }) => closes.reset === 1 && connections.open === 1,
      )
    },
  },
  ...SHUTDOWN,
]
