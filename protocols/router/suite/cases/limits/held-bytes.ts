/** R5.6: how much may be held at all. */
import { READ_BYTES } from '@switchyard/core'
import type { Case, CaseContext } from '../../case.ts'
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { message } from '../../client/message.ts'
import { arrivalsOf, numberedBy } from '../../client/numbered.ts'
import { bodyOf, connectAll, KIB, MIB, probe, STALLING_BYTES } from '../steps.ts'

export const HELD_BYTES: readonly Case[] = [
  {
    id: 'R5.6-pauses-and-goes-on',
    clause: 'R5.6',
    name: 'at heldBytesMax reading pauses, and goes on when clients read; nothing is lost',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 64 * KIB, queuedBytesMax: 256 * KIB, heldBytesMax: 512 * KIB },
    run: async (context) => void (await fillAndDrain(context)),
  },
  {
    id: 'R5.6-bound-of-the-whole',
    clause: 'R5.6',
    name: 'what is held passes heldBytesMax by no more than one read and one message of each client',
    needs: ['wire', 'limits', 'statistics'],
    limits: { messageBytesMax: 64 * KIB, queuedBytesMax: 256 * KIB, heldBytesMax: 512 * KIB },
    async run(context) {
      const highest = context.highest(({ held }) => held.total)
      const senders = await fillAndDrain(context)
      const most = context.limits.heldBytesMax + senders * (READ_BYTES + context.limits.messageBytesMax)
      expectTrue(highest() <= most, `${highest()} bytes were held, more than ${most}`, 'over-limit')
    },
  },
  {
    id: 'R5.6-largest-ended',
    clause: 'R5.6',
    name: 'when unfinished messages alone fill the memory, the client with the largest is ended, and the others go on',
    needs: ['wire', 'limits'],
    limits: { heldBytesMax: MIB },
    run: async (context) => void (await fillWithUnfinished(context)),
  },
  {
    id: 'R5.6-largest-recorded',
    clause: 'R5.6',
    name: 'the reason for ending the client with the largest unfinished message is recorded',
    needs: ['wire', 'limits', 'statistics'],
    limits: { heldBytesMax: MIB },
    async run(context) {
      const largest = await fillWithUnfinished(context)
      await context.until('the close', ({ closes }) => closes['held-bytes'] > 0)
      const reasons = context.statistics().lastCloses.filter(({ reason }) => reason === 'held-bytes')
      expectSame('closes for held bytes', 1, reasons.length)
      expectSame('the client that was ended', largest, reasons[0]?.client)
    },
  },
]

/** Several stalled clients, each with a sender; then they read. Answers how many senders there were. */
async function fillAndDrain(context: CaseContext): Promise<number> {
  const receivers = await connectAll(context, 'receiver ', 4)
  const senders = numberedBy(await connectAll(context, 'sender ', 4), () => 10_000)
  const pairs = senders.flatMap((sender, i) => {
    const receiver = receivers[i]
    return receiver ? [{ sender, receiver }] : []
  })
  const count = Math.floor(STALLING_BYTES / 2 / 10_000)
  for (const receiver of receivers) receiver.pause()
  const sent = pairs.map(({ sender, receiver }) => sender.client.flood(sender.messages.messages(receiver, count)))
  await context.settled()
  for (const receiver of receivers) receiver.resume()
  await Promise.all(pairs.map(({ sender, receiver }) => arrivalsOf(receiver, [sender]).receive(count)))
  await Promise.all(sent)
  return senders.length
}

/** Three clients whose unfinished messages have no room together. Answers the id of the one with the largest. */
async function fillWithUnfinished(context: CaseContext): Promise<number> {
  const receiver = await context.connect('receiver')
  const [large, middle, small] = [
    await context.connect('large'),
    await context.connect('middle'),
    await context.connect('small'),
  ]
  const { id } = large
  const bodies = { middle: bodyOf(300 * KIB, 'm'), small: bodyOf(200 * KIB, 's') }
  void large.send(message(receiver.id, bodyOf(600 * KIB)).subarray(0, -1)).catch(() => {}) // It may be cut off in the middle.
  await context.settled()
  await small.send(message(receiver.id, bodies.small).subarray(0, -1))
  const sent = middle.send(message(receiver.id, bodies.middle).subarray(0, -1))
  await context.within(100, 'the end of the client with the largest unfinished message', large.closed())
  await sent
  await middle.send(Uint8Array.of(0))
  await receiver.expect(bodies.middle)
  await small.send(Uint8Array.of(0))
  await receiver.expect(bodies.small)
  await probe(small, receiver)
  return id
}
