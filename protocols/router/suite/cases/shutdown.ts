/** R4.3: how a server ends, and what it owes by then. */
import type { Case, CaseContext } from '../case.ts'
import type { Client } from '../client/client.ts'
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { message } from '../client/message.ts'
import { concat } from '@switchyard/conformance/portable'
import { Arrivals, arrivalsOf, Numbered, numberedBy } from '../client/numbered.ts'
import type { NumberedSender } from '../client/numbered.ts'
import { Unreachable } from '@switchyard/conformance/portable'
import { alternate, BODY_BYTES, bodyOf, connectAll, idOfNobody, MIB, probe, STALLING_COUNT } from './steps.ts'

export const SHUTDOWN: readonly Case[] = [
  {
    id: 'R4.3-idle-shutdown',
    clause: 'R4.3',
    name: 'an idle server that is shut down sends FIN to everybody, and ends as soon as they have left',
    needs: ['wire', 'signal'],
    async run(context) {
      const clients = await connectAll(context, 'client ', 5)
      const [first = await context.connect()] = clients
      for (const client of clients) await probe(first, client)
      const ended = context.shutdown()
      for (const client of clients) {
        await client.expectClosed('fin')
        client.end()
      }
      await ended
    },
  },
  {
    id: 'R4.3-nobody-let-in',
    clause: 'R4.3',
    name: 'a server that shuts down lets nobody in',
    needs: ['wire', 'signal', 'limits'],
    limits: { lingerMs: 3_000 },
    async run(context) {
      const client = await context.connect('client')
      const ended = context.shutdown()
      await client.expectClosed('fin')
      expectTrue(!(await isLetIn(context)), 'a client got an id after the server had begun to shut down', 'let-in-late')
      client.end()
      await ended
    },
  },
  {
    id: 'R4.3-prefixes-under-load',
    clause: 'R4.3',
    name: 'under load, each destination receives of each sender a prefix of whole messages, and FIN',
    needs: ['wire', 'signal'],
    async run(context) {
      const receivers = await connectAll(context, 'receiver ', 3)
      const clients = await connectAll(context, 'sender ', 3)
      const senders = numberedBy(clients, (number, place) => [20, 5_000, 70_000][(number + place) % 3] ?? 0)
      const floods = senders.map(({ client, messages }) => sendUntilEnd(client, alternate(messages, receivers)))
      const arrivals = receivers.map((receiver) => ({ receiver, arrivals: arrivalsOf(receiver, senders) }))
      await Promise.all(arrivals.map((each) => each.arrivals.receive(100)))
      const ended = context.shutdown()
      await Promise.all(
        arrivals.map(async (each) => {
          await each.arrivals.receiveToEnd()
          await each.receiver.expectClosed('fin')
          each.receiver.end()
        }),
      )
      await Promise.all(floods)
      await context.within(context.limits.graceMs, 'the end of the shutdown', ended)
    },
  },
  {
    id: 'R4.3-read-is-delivered',
    clause: 'R4.3',
    name: 'every complete message that was read before the shutdown is delivered to a client that reads',
    needs: ['wire', 'signal', 'statistics'],
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      receiver.pause()
      const flood = sendUntilEnd(sender, messages.messages(receiver, STALLING_COUNT))
      await context.settled()
      const complete = Math.floor(context.statistics().bytesIn / message(0, messages.body(0)).length)
      const ended = context.shutdown()
      receiver.resume()
      const arrivals = new Arrivals(receiver, [messages])
      await arrivals.receiveToEnd()
      await receiver.expectClosed('fin')
      expectTrue(
        arrivals.count >= complete,
        `the server had read ${complete} complete messages when its shutdown began; ${arrivals.count} arrived`,
      )
      receiver.end()
      await flood
      await context.within(context.limits.graceMs, 'the end of the shutdown', ended)
    },
  },
  {
    id: 'R4.3-still-sending',
    clause: 'R4.3',
    name: 'a client that is still sending when the server closes receives all that was for it',
    needs: ['wire', 'signal'],
    async run(context) {
      const [sender, busy] = [await context.connect('sender'), await context.connect('busy')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      const count = Math.floor((3 * MIB) / 2 / BODY_BYTES)
      busy.pause()
      await sender.flood(messages.messages(busy, count))
      // Once this comes back the server has read all that came before it; it need not, where writing stalls it.
      let allRead = false
      void probe(sender, sender).then(
        () => (allRead = true),
        () => {},
      )
      await context.settled()
      const lost = message(idOfNobody(busy, sender), bodyOf(BODY_BYTES))
      const flood = sendUntilEnd(busy, repeat(lost))
      const ended = context.shutdown()
      busy.resume()
      const arrivals = new Arrivals(busy, [messages])
      await arrivals.receiveToEnd()
      await busy.expectClosed('fin')
      if (allRead) expectSame('messages that were read before the shutdown, and arrived', count, arrivals.count)
      await flood
      await sender.closed()
      sender.end()
      await context.within(context.limits.graceMs, 'the end of the shutdown', ended)
    },
  },
  {
    id: 'R4.3-stalled-within-grace',
    clause: 'R4.3',
    name: 'stalled clients do not keep a server from ending within its grace',
    needs: ['wire', 'signal', 'limits'],
    limits: { graceMs: 1_600, writeDeadlineMs: 600_000 },
    async run(context) {
      const healthy = await context.connect('healthy')
      const { senders } = await stall(context, 3)
      await context.settled()
      const ended = context.shutdown()
      for (const { client } of senders) void client.closed().then(() => client.end())
      void healthy.closed().then(() => healthy.end())
      await context.within(context.limits.graceMs, 'the end of the shutdown', ended)
      await healthy.expectClosed('fin')
    },
  },
  {
    id: 'R4.3-stalled-share-a-quarter',
    clause: 'R4.3',
    name: 'however many clients are stalled, they share a quarter of the grace, and cost a healthy one nothing',
    needs: ['wire', 'signal', 'limits', 'statistics'],
    limits: { graceMs: 4_000, lingerMs: 500, writeDeadlineMs: 600_000 },
    async run(context) {
      const [healthy, friend] = [await context.connect('healthy'), await context.connect('friend')]
      const { senders, receivers } = await stall(context, 6)
      await context.settled()
      const before = context.statistics().bytesIn
      const bodies = ['one', 'two', 'three']
      const bytes = concat(bodies.map((body) => message(healthy.id, body)))
      await friend.send(bytes)
      await context.settled()
      const wasRead = context.statistics().bytesIn - before === bytes.length
      const ended = context.shutdown()
      for (const { client } of [...senders, { client: friend }]) void client.closed().then(() => client.end())
      const served = async (): Promise<void> => {
        if (wasRead) for (const body of bodies) await healthy.expect(body)
        await healthy.expectClosed('fin')
        healthy.end()
      }
      // A quarter for the stalled ones, then a linger for whoever was not stalled but does not read its FIN. If each of
      // the six had its own quarter, it would be all of the grace.
      const what = 'the end of a shutdown in which stalled clients share a quarter of the grace'
      await context.within(context.limits.graceMs / 2, what, Promise.all([served(), ended]))
      for (const receiver of receivers) await arrivalsOf(receiver, senders).receiveToEnd()
    },
  },
]

/** So many clients that read nothing, each with a sender that sends to it for as long as it can. */
async function stall(
  context: CaseContext,
  count: number,
): Promise<{ receivers: readonly Client[]; senders: readonly NumberedSender[] }> {
  const receivers = await connectAll(context, 'stalled ', count)
  const senders = numberedBy(await connectAll(context, 'sender ', count), () => BODY_BYTES)
  for (const [i, receiver] of receivers.entries()) {
    receiver.pause()
    const sender = senders[i]
    if (sender) void sender.client.flood(sender.messages.messages(receiver, STALLING_COUNT))
  }
  return { receivers, senders }
}

/** Sends until the server has sent FIN, and then FIN too. */
async function sendUntilEnd(client: Client, messages: Iterable<Uint8Array>): Promise<void> {
  await client.flood(messages)
  await client.closed()
  client.end()
}

function* repeat(bytes: Uint8Array): Generator<Uint8Array> {
  for (;;) yield bytes
}

/** Whether a connection gets an id. A listener that is closed and a connection that is closed at once are both a no. */
async function isLetIn(context: CaseContext): Promise<boolean> {
  try {
    const client = await context.connectSilently('latecomer')
    return await client.admitted()
  } catch (error) {
    if (error instanceof Unreachable) return false
    throw error
  }
}
