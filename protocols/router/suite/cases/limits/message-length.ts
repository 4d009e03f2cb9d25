/** R5.1: how long a message may be. */
import { READ_BYTES } from '@switchyard/core'
import type { Case, CaseContext } from '../../case.ts'
import type { Client } from '../../client/client.ts'
import { expectTrue } from '@switchyard/conformance/portable'
import { message } from '../../client/message.ts'
import { concat, cut } from '@switchyard/conformance/portable'
import { bodyOf, KIB, MIB, probe, sendApart, STALLING_BYTES } from '../steps.ts'

export const MESSAGE_LENGTH: readonly Case[] = [
  {
    id: 'R5.1-n-and-less',
    clause: 'R5.1',
    name: 'messages of n-1 and of n bytes are routed',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 1_000 },
    async run(context) {
      const { messageBytesMax: n } = context.limits
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      for (const bytes of [n - 1, n, n]) {
        await sender.sendMessage(receiver, bodyOf(bytes - 1))
        await receiver.expect(bodyOf(bytes - 1))
      }
      await probe(sender, receiver)
    },
  },
  {
    id: 'R5.1-n-in-pieces',
    clause: 'R5.1',
    name: 'messages of n-1 and of n bytes are routed when they come in pieces',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 1_000 },
    async run(context) {
      const { messageBytesMax: n } = context.limits
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      for (const bytes of [n - 1, n]) {
        const whole = message(receiver.id, bodyOf(bytes - 1))
        for (const at of [[2], [4], [300, 600, 900], [whole.length - 1], [4, whole.length - 1]]) {
          await sendApart(sender, cut(whole, at), () => probe(a, b))
          await receiver.expect(bodyOf(bytes - 1))
        }
      }
      await probe(sender, receiver)
    },
  },
  {
    id: 'R5.1-one-too-many',
    clause: 'R5.1',
    name: 'a message of n+1 bytes ends its sender; what came before it is routed, nothing of it or behind it is',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 1_000 },
    run: (context) => tooLong(context, (culprit, bytes) => culprit.send(bytes)),
  },
  {
    id: 'R5.1-one-too-many-in-pieces',
    clause: 'R5.1',
    name: 'a message of n+1 bytes ends its sender when it comes in pieces',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 1_000 },
    async run(context) {
      const [a, b] = [await context.connect('a'), await context.connect('b')]
      await tooLong(context, (culprit, bytes) =>
        sendApart(culprit, cut(bytes, [10, 200, 700, 1_000]), () => probe(a, b)),
      )
    },
  },
  {
    id: 'R5.1-n-without-nul',
    clause: 'R5.1',
    name: 'n bytes without a NUL are too long already, n-1 are not',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 1_000 },
    async run(context) {
      const { messageBytesMax: n } = context.limits
      const [receiver, other] = [await context.connect('receiver'), await context.connect('other')]
      const [patient, culprit] = [await context.connect('patient'), await context.connect('culprit')]
      const unfinished = message(receiver.id, bodyOf(n - 1)).subarray(0, -1)
      await patient.send(unfinished)
      await probe(other, receiver)
      await culprit.send(unfinished)
      await probe(other, receiver)
      await culprit.send(bodyOf(1))
      await culprit.closed()
      await patient.send(Uint8Array.of(0))
      await receiver.expect(bodyOf(n - 1))
      await probe(patient, receiver)
    },
  },
  {
    id: 'R5.1-never-ends',
    clause: 'R5.1',
    name: 'a message that never ends is ended',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: 64 * KIB },
    async run(context) {
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const culprit = await context.connect('culprit')
      void culprit.send(message(receiver.id, bodyOf(STALLING_BYTES)).subarray(0, -1)).catch(() => {}) // That is the point.
      await culprit.closed()
      await probe(sender, receiver)
    },
  },
  {
    id: 'R5.1-default-limit',
    clause: 'R5.1',
    name: 'at the default limit, n bytes are routed and n+1 are not',
    needs: ['wire', 'limits'],
    limits: { messageBytesMax: MIB },
    async run(context) {
      const { messageBytesMax: n } = context.limits
      const [sender, receiver] = [await context.connect('sender'), await context.connect('receiver')]
      const sent = sender.sendMessage(receiver, bodyOf(n - 1))
      await receiver.expect(bodyOf(n - 1))
      await sent
      await tooLong(context, (culprit, bytes) => culprit.send(bytes))
      await probe(sender, receiver)
    },
  },
  {
    id: 'R5.1-held-and-recorded',
    clause: 'R5.1',
    name: 'no more than the limit and one read is held of an unfinished message, and the reason for its end is recorded',
    needs: ['wire', 'limits', 'statistics'],
    limits: { messageBytesMax: 100_000 },
    async run(context) {
      const { messageBytesMax: n } = context.limits
      const [patient, culprit] = [await context.connect('patient'), await context.connect('culprit')]
      const { id } = culprit
      const highest = context.highest(({ held }) => held.input)
      await patient.send(message(culprit.id, bodyOf(n - 1)).subarray(0, -1))
      await context.until('an unfinished message counted as held', ({ held }) => held.total >= n - 1)
      patient.reset()
      await context.until('nothing held', ({ held }) => held.total === 0)
      void culprit.send(message(culprit.id, bodyOf(4 * MIB))).catch(() => {}) // That is the point.
      await culprit.closed()
      await context.until('the close', ({ lastCloses }) =>
        lastCloses.some(({ client, reason }) => client === id && reason === 'message-too-long'),
      )
      const most = n + READ_BYTES
      expectTrue(
        highest() <= most,
        `${highest()} bytes were held of one unfinished message, more than ${most}`,
        'over-limit',
      )
    },
  },
]

/** One message that is a byte too long, between two that are not. */
async function tooLong(
  context: CaseContext,
  send: (culprit: Client, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const [receiver, other] = [await context.connect('receiver'), await context.connect('other')]
  const culprit = await context.connect('culprit')
  const long = bodyOf(context.limits.messageBytesMax)
  const bytes = ['before', long, 'behind'].map((body) => message(receiver.id, body))
  const sent = send(culprit, concat(bytes)).catch(() => {}) // It may be cut off in the middle of it.
  await receiver.expect('before')
  await culprit.closed()
  await sent
  for (let i = 0; i < 3; i++) await probe(other, receiver)
  await probe(receiver, other)
}
