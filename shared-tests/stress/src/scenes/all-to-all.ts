/**
 * Everybody sends to everybody, itself included, as fast as it can, and everybody reads: every message arrives (G1). Once
 * with small messages, of which one read brings many; once with large ones, of which none fits into a read, and then nobody
 * reads before everything is full, so that everybody waits for everybody.
 */
import { READ_BYTES } from '@switchyard/core'
import { batchOf } from '@switchyard/harness'
import type { Client, FromSeveral } from '@switchyard/harness'
import type { Finding } from '../finding.ts'
import type { Open, Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'
import { Broken, strangeBytes } from '../load/errors.ts'
import { bytes } from '../units.ts'

const CLIENTS = 8
const FLOODS: readonly Shape[] = [
  { messageBytes: 32, messagesEach: 8_000, reading: 'at-once' },
  { messageBytes: 4 * READ_BYTES + 1, messagesEach: 6, reading: 'when-full' },
]
/** Batches of one sender, written one after the other as each is taken. */
const BATCHES = 2
/** The server has read nothing for so long: whatever could be filled is full. */
const FULL_MS = 150
const SAMPLE_MS = 50
/** Nothing has arrived for so long, counted in samples that the server answered, and something is owed: it stands still. */
const STANDS_MS = 3_000

/** What each client sends to each. */
interface Shape {
  readonly messageBytes: number
  readonly messagesEach: number
  readonly reading: 'at-once' | 'when-full'
}

/** What came of one flood. Plain data. */
export interface Flooded extends Shape {
  readonly seconds: number
  readonly owedMessages: number
  /** Who waited for whom when nothing moved any more, as text; empty if everything arrived. */
  readonly waits: string
}

export const allToAll: Scene = {
  shows: ['G1'],
  speaks: 'pair',
  async play(open) {
    const floods: Flooded[] = []
    for (const shape of FLOODS) floods.push(await flood(open, shape))
    return { G1: everythingArrives(floods) }
  },
}

async function flood(open: Open, shape: Shape): Promise<Flooded> {
  await using stage = await open()
  const clients = await stage.connect(CLIENTS)
  const arrivals = clients.map((client) => {
    const arrived = stage.fromSeveral(shape.messageBytes)
    client.received = (chunk) => {
      if (!arrived.take(chunk)) stage.fail(strangeBytes())
    }
    return arrived
  })
  const begunAtMs = performance.now()
  if (shape.reading === 'when-full') for (const client of clients) client.pause()
  for (const [index, client] of clients.entries()) void send(stage, client, clients, shape, index + 1)
  if (shape.reading === 'when-full') await untilFull(stage)
  for (const client of clients) client.resume()
  const owed = (): number =>
    CLIENTS * CLIENTS * shape.messagesEach - arrivals.reduce((sum, { messages }) => sum + messages, 0)
  await untilStill(stage, owed)
  const seconds = (performance.now() - begunAtMs) / 1000
  if (owed() > 0) return { ...shape, seconds, owedMessages: owed(), waits: await stage.waits() }
  expectEach(arrivals, shape.messagesEach)
  return { ...shape, seconds, owedMessages: 0, waits: '' }
}

async function send(
  stage: Stage,
  sender: Client,
  clients: readonly Client[],
  shape: Shape,
  fill: number,
): Promise<void> {
  const round = clients.map((client) => stage.message(sender, client, shape.messageBytes, fill))
  const roundBytes = round.reduce((sum, { length }) => sum + length, 0)
  const batch = batchOf(round, (roundBytes * shape.messagesEach) / BATCHES)
  for (let i = 0; i < BATCHES; i++) {
    // Piece by piece, so that what the kernel has taken is known.
    for (let at = 0; at < batch.length; at += READ_BYTES) {
      const piece = batch.subarray(at, at + READ_BYTES)
      await new Promise<void>((taken) => sender.write(piece, taken))
    }
  }
}

async function untilFull(stage: Stage): Promise<void> {
  let lastBytes = 0
  let stillMs = 0
  while (stillMs < FULL_MS) {
    await stage.pause(SAMPLE_MS)
    const { bytesIn } = await stage.seen()
    stillMs = bytesIn === lastBytes ? stillMs + SAMPLE_MS : 0
    lastBytes = bytesIn
  }
}

/** Settles when nothing is owed, or when nothing has come for long. */
async function untilStill(stage: Stage, owed: () => number): Promise<void> {
  let last = owed()
  let stillMs = 0
  while (owed() > 0 && stillMs < STANDS_MS) {
    await stage.pause(SAMPLE_MS)
    await stage.seen()
    stillMs = owed() === last ? stillMs + SAMPLE_MS : 0
    last = owed()
  }
}

/** Each sender's messages to each client, no more and no less. */
function expectEach(arrivals: readonly FromSeveral[], messages: number): void {
  for (const arrived of arrivals) {
    for (let fill = 1; fill <= CLIENTS; fill++) {
      const got = arrived.with(fill)
      if (got !== messages) throw new Broken(`a client got ${got} messages from one that had sent ${messages}`)
    }
  }
}

/** G1: nothing is owed. */
export function everythingArrives(floods: readonly Flooded[]): Finding {
  const owed = floods.reduce((sum, { owedMessages }) => sum + owedMessages, 0)
  const sent = floods.reduce((sum, { messagesEach }) => sum + CLIENTS * CLIENTS * messagesEach, 0)
  const waits = floods.map((each) => each.waits).join('')
  return {
    verdict: owed === 0 ? 'holds' : 'price-paid',
    figure: owed === 0 ? 'all' : `-${owed}`,
    why:
      owed === 0
        ? `all of ${sent} messages arrived`
        : `nothing moves any more, and ${owed} of ${sent} messages are owed: ${waits}`,
    figures: {
      owedMessages: owed,
      sentMessages: sent,
      seconds: floods.map(({ seconds }) => seconds),
      sizes: floods.map(({ messageBytes }) => bytes(messageBytes)).join(', '),
      waits,
    },
  }
}
