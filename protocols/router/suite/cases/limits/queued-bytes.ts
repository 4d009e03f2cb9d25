/** R5.4: how much may be held for one client. */
import { READ_BYTES } from '@switchyard/core'
import type { Case, CaseContext } from '../../case.ts'
import type { Client } from '../../client/client.ts'
import { expectTrue } from '@switchyard/conformance/portable'
import { message } from '../../client/message.ts'
import { arrivalsOf, numberedBy } from '../../client/numbered.ts'
import type { Arrivals } from '../../client/numbered.ts'
import { bodyOf, connectAll, KIB, MIB } from '../steps.ts'

export const QUEUED_BYTES: readonly Case[] = [
  {
    id: 'R5.4-limits-refused',
    clause: 'R5.4',
    name: 'a server that could not queue a message of the longest kind refuses to be made',
    needs: ['statistics'],
    async run(context) {
      expectTrue(
        await context.refusesLimits({ messageBytesMax: 2 * MIB, queuedBytesMax: 2 * MIB - 1 }),
        'queuedBytesMax below messageBytesMax was accepted, not refused with a RangeError',
      )
      expectTrue(
        !(await context.refusesLimits({ messageBytesMax: 2 * MIB, queuedBytesMax: 2 * MIB })),
        'queuedBytesMax of just messageBytesMax was refused',
      )
    },
  },
  {
    id: 'R5.4-short-messages-bounded',
    clause: 'R5.4',
    name: 'while four senders offer 64 MB of short messages to one stalled client, the bytes held stay within bounds',
    needs: ['wire', 'limits', 'statistics'],
    run: async (context) => void (await stayWithinBound(context, 1_000, 16_000)),
  },
  {
    id: 'R5.4-long-messages-bounded',
    clause: 'R5.4',
    name: 'the bound holds for long messages too, and nothing is lost when the client reads again',
    needs: ['wire', 'limits', 'statistics'],
    limits: { messageBytesMax: 256 * KIB, queuedBytesMax: 256 * KIB },
    async run(context) {
      const count = 30
      const { stalled, arrivals } = await stayWithinBound(context, 250_000, count)
      stalled.resume()
      await arrivals.receive(4 * count)
    },
  },
]

/** Four senders and one client that does not read. Settles when nobody can send any more. */
async function stayWithinBound(
  context: CaseContext,
  bodyBytes: number,
  count: number,
): Promise<{ stalled: Client; arrivals: Arrivals }> {
  const stalled = await context.connect('stalled')
  const senders = numberedBy(await connectAll(context, 'sender ', 4), () => bodyBytes)
  const highest = context.highest(({ held }) => held.total)
  // Whatever the server says that it holds: what it has read and not handed on, without the messages' ids, is inside.
  const share = bodyBytes / (bodyBytes + 4)
  const inside = context.highest(({ bytesIn, bytesOut }) => Math.floor(bytesIn * share) - bytesOut)
  stalled.pause()
  for (const { client, messages } of senders) void client.flood(messages.messages(stalled, count))
  await context.settled()
  const longest = message(0, bodyOf(bodyBytes)).length
  const most = context.limits.queuedBytesMax + senders.length * (READ_BYTES + longest)
  expectTrue(highest() <= most, `${highest()} bytes were held for one client, more than ${most}`, 'over-limit')
  expectTrue(
    inside() <= most,
    `${inside()} bytes had been read for one client and not been written, more than ${most}`,
    'over-limit',
  )
  return { stalled, arrivals: arrivalsOf(stalled, senders) }
}
