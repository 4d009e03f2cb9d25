/**
 * Churn: wave after wave of connections that come, say something and leave, in order, by a reset or just so. When a wave has
 * gone, nothing of it is left: not a connection, not a byte held, and no memory that grows from wave to wave.
 */
import { verdictOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Client, Leaving } from '@switchyard/harness'
import { openFilesMax } from '@switchyard/harness'
import type { Stage } from '../stage.ts'
import type { Trial } from '../trial.ts'
import { Unseen } from '../load/errors.ts'
import { bytes } from '../units.ts'

/** What the first one leaves is what later ones are compared with: a process uses many things for the first time in it. */
const WAVES = 3
const CLIENTS = 10_000
const MESSAGE_BYTES = 100
/** What a process needs beside the clients of a wave. */
const OTHER_FILES = 100
const WAYS: readonly Leaving[] = ['fin', 'reset', 'destroy']
/** All of a wave have left by then, on a busy machine too. */
const VISIT_MS = 60_000

/** What heap and buffers may grow by for each connection that came and went; a connection's own state is several times more. */
const LEAK_BYTES = { holdsMax: 100, paidMin: 300 } as const

/** What was seen. Plain data. */
export interface Churn {
  readonly clientsAtATime: number
  readonly clients: number
  readonly waves: readonly Wave[]
}

export interface Wave {
  readonly seconds: number
  readonly openConnections: number
  readonly heldBytes: number
  /** Heap and buffers, garbage collected. */
  readonly memoryBytes: number
  readonly rssBytes: number
}

export const churn: Trial = {
  name: 'churn',
  async run(open, subject) {
    if ('command' in subject)
      throw new Unseen('what is left behind stands in the statistics, and resident memory shows garbage too')
    await using stage = await open()
    const clientsAtATime = Math.min(CLIENTS, openFilesMax() - OTHER_FILES)
    const waves: Wave[] = []
    for (let i = 0; i < WAVES; i++) waves.push(await wave(stage, clientsAtATime))
    return leftOver({ clientsAtATime, clients: CLIENTS, waves })
  },
}

async function wave(stage: Stage, clientsAtATime: number): Promise<Wave> {
  const begunAtMs = performance.now()
  for (let left = CLIENTS; left > 0; left -= clientsAtATime) {
    const clients = await stage.connect(Math.min(left, clientsAtATime))
    const visits = Promise.all(clients.map((client, index) => visit(stage, client, clients, index)))
    await stage.within(VISIT_MS, visits, `a wave had not gone after ${VISIT_MS / 1000} seconds`)
  }
  await stage.openFallsTo(0)
  const { connections, held } = await stage.statistics()
  const { heldBytes: memoryBytes, rssBytes } = await stage.memory()
  const seconds = (performance.now() - begunAtMs) / 1000
  return { seconds, openConnections: connections.open, heldBytes: held.total, memoryBytes, rssBytes }
}

/** Says something to its neighbour, who may be gone already, and leaves. */
async function visit(stage: Stage, client: Client, clients: readonly Client[], index: number): Promise<void> {
  const neighbour = clients[(index + 1) % clients.length]!
  client.write(stage.message(client, neighbour, MESSAGE_BYTES, 1))
  await client.leave(WAYS[index % WAYS.length]!)
}

export function leftOver({ clientsAtATime, clients, waves }: Churn): Finding {
  const open = waves.reduce((sum, { openConnections }) => sum + openConnections, 0)
  const held = waves.reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  const visitors = (waves.length - 1) * clients
  const slope = (of: (wave: Wave) => number): number => (of(waves.at(-1)!) - of(waves[0]!)) / visitors
  const leakBytes = slope(({ memoryBytes }) => memoryBytes)
  const rssBytes = slope(({ rssBytes: resident }) => resident)
  return {
    verdict: open > 0 || held > 0 ? 'price-paid' : verdictOf(leakBytes, LEAK_BYTES),
    figure: `${Math.round(leakBytes)} B`,
    why:
      `${waves.length} waves of ${clients} connections left ${open} connections and ${bytes(held)} held; ` +
      `memory grew by ${leakBytes.toFixed(1)} bytes for each visitor (resident: ${rssBytes.toFixed(1)})` +
      (clientsAtATime < clients ? `; only ${clientsAtATime} at a time, by ulimit -n` : ''),
    figures: {
      clientsAtATime,
      leakBytesEach: leakBytes,
      rssBytesEach: rssBytes,
      openConnections: waves.map(({ openConnections }) => openConnections),
      heldBytes: waves.map(({ heldBytes }) => heldBytes),
      memoryBytes: waves.map(({ memoryBytes }) => memoryBytes),
      residentBytes: waves.map((each) => each.rssBytes),
      seconds: waves.map(({ seconds }) => seconds),
    },
  }
}
