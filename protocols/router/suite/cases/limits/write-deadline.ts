/** R5.3: how long a client may read nothing. */
import type { Case } from '../../case.ts'
import type { Client } from '../../client/client.ts'
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { Arrivals, arrivalsOf, Numbered, numberedBy } from '../../client/numbered.ts'
import { BODY_BYTES, bodyOf, connectAll, MIB, probe, STALLING_COUNT } from '../steps.ts'

export const WRITE_DEADLINE: readonly Case[] = [
  {
    id: 'R5.3-stalled-aborted',
    clause: 'R5.3',
    name: 'a client that reads nothing is aborted, and whoever waited for it goes on',
    needs: ['wire', 'limits'],
    limits: { writeDeadlineMs: 400 },
    async run(context) {
      const [sender, stalled] = [await context.connect('sender'), await context.connect('stalled')]
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      stalled.pause()
      const sent = sender.flood(messages.messages(stalled, STALLING_COUNT))
      await context.settled()
      await a.sendMessage(b, 'meanwhile')
      const soon = 3 * context.limits.writeDeadlineMs
      await context.within(soon, 'a message between two others', b.expect('meanwhile'), 'strangers-wait')
      await context.within(soon, 'the end of what the sender waits for', sent, 'sender-waits')
      await probe(sender, b)
      await context.pass(soon)
      await expectAborted(stalled, new Arrivals(stalled, [messages]), STALLING_COUNT)
    },
  },
  {
    id: 'R5.3-no-gap-after-abort',
    clause: 'R5.3',
    name: 'after an abort nothing more is written: what a late reader finds has no gap',
    needs: ['wire', 'limits'],
    limits: { writeDeadlineMs: 400 },
    async run(context) {
      const stalled = await context.connect('stalled')
      const senders = numberedBy(
        await connectAll(context, 'sender ', 3),
        (_, place) => [90, 7_000, 300_000][place] ?? 0,
      )
      const counts = [20_000, 1_000, 40]
      stalled.pause()
      const sent = senders.map(({ client, messages }, i) => client.flood(messages.messages(stalled, counts[i] ?? 0)))
      await context.settled()
      await context.within(
        3 * context.limits.writeDeadlineMs,
        'the end of what the senders wait for',
        Promise.all(sent),
        'sender-waits',
      )
      for (const { client } of senders) await client.sendMessage(stalled, 'to a client that has been aborted')
      await context.pass(context.limits.writeDeadlineMs)
      const total = counts.reduce((sum, count) => sum + count)
      await expectAborted(stalled, arrivalsOf(stalled, senders), total)
    },
  },
  {
    id: 'R5.3-not-before-the-deadline',
    clause: 'R5.3',
    name: 'the abort comes not before the deadline, and its reason is recorded',
    needs: ['wire', 'limits', 'statistics'],
    limits: { writeDeadlineMs: 10_000 },
    async run(context) {
      const [sender, stalled] = [await context.connect('sender'), await context.connect('stalled')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      stalled.pause()
      void sender.flood(messages.messages(stalled, STALLING_COUNT))
      const { writeDeadlineMs } = context.limits
      await context.pass(writeDeadlineMs - 1)
      expectSame('aborts before the deadline', 0, context.statistics().closes['write-deadline'])
      const aborted = context.until('a close for the write deadline', ({ closes }) => closes['write-deadline'] === 1)
      await context.within(writeDeadlineMs, 'the abort', aborted)
      const close = context.statistics().lastCloses.find(({ reason }) => reason === 'write-deadline')
      expectSame('the client that was aborted', stalled.id, close?.client)
    },
  },
  {
    id: 'R5.3-stops-for-less',
    clause: 'R5.3',
    name: 'a client that stops reading, but not for as long as the deadline, gets everything and stays',
    needs: ['wire', 'limits', 'statistics'],
    limits: { writeDeadlineMs: 1_000 },
    async run(context) {
      const [sender, late] = [await context.connect('sender'), await context.connect('late')]
      const messages = new Numbered('sender', () => BODY_BYTES)
      const arrivals = new Arrivals(late, [messages])
      late.pause()
      const sent = sender.flood(messages.messages(late, STALLING_COUNT))
      for (let received = 0; received < STALLING_COUNT; received += 100) {
        await context.pass(0.8 * context.limits.writeDeadlineMs)
        await arrivals.receive(Math.min(received + 100, STALLING_COUNT))
      }
      await sent
      await probe(sender, late)
    },
  },
  {
    id: 'R5.3-steady-reader',
    clause: 'R5.3',
    name: 'a client that reads steadily stays, though one message for it outlasts several deadlines',
    needs: ['wire', 'limits', 'statistics'],
    limits: { messageBytesMax: 32 * MIB, queuedBytesMax: 32 * MIB, writeDeadlineMs: 1_000 },
    async run(context) {
      const [sender, steady] = [await context.connect('sender'), await context.connect('steady')]
      const body = bodyOf(24 * MIB)
      const { writeDeadlineMs } = context.limits
      steady.pause()
      await sender.sendMessage(steady, body)
      await context.settled()
      let passedMs = 0
      let { bytesOut } = context.statistics()
      for (let read = 0; read < body.length; read += 2 * MIB) {
        await steady.bytes(Math.min(2 * MIB, body.length - read))
        await context.settled()
        const now = context.statistics().bytesOut
        if (now === bytesOut) continue
        bytesOut = now
        passedMs += 0.6 * writeDeadlineMs
        await context.pass(0.6 * writeDeadlineMs)
      }
      await steady.expect('')
      await probe(sender, steady)
      expectTrue(
        passedMs > 2 * writeDeadlineMs,
        `the statistics showed no progress while the client read: ${passedMs} ms at most could pass`,
      )
    },
  },
  {
    id: 'R5.3-idle-client-stays',
    clause: 'R5.3',
    name: 'a client for which nothing is queued stays, however long',
    needs: ['wire', 'limits'],
    limits: { writeDeadlineMs: 300 },
    async run(context) {
      const [sender, idle] = [await context.connect('sender'), await context.connect('idle')]
      await probe(sender, idle)
      await context.pass(4 * context.limits.writeDeadlineMs)
      await probe(sender, idle)
      await probe(idle, sender)
    },
  },
]

/** Reads what there is: it ends before everything has come. */
async function expectAborted(stalled: Client, arrivals: Arrivals, count: number): Promise<void> {
  stalled.resume()
  await arrivals.receiveToEnd(count)
  expectTrue(
    arrivals.count < count,
    `${stalled.name} was not aborted: all of the ${count} messages came`,
    'not-aborted',
  )
  await stalled.closed()
}
