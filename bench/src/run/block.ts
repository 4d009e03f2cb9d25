import type { Load } from '../load/generator.ts'
import { measure } from '../load/load.ts'
import type { Measurement } from '../load/load.ts'
import type { HostFacts, ProcessMetrics } from '@switchyard/harness'
import type { Subject } from './subject.ts'
import type { Workload } from '../load/workloads.ts'

/** How long each block warms up and is measured. */
export interface Pace {
  readonly warmupMs: number
  readonly measureMs: number
}

/** One workload on one server's fresh process: the unit of all statistics. Plain data: fit for JSON. */
export interface Block {
  readonly workload: string
  readonly subject: string
  readonly round: number
  /** When it began, ms since the run did. */
  readonly beganMs: number
  /** How long all of it took. */
  readonly tookMs: number
  readonly outcome: Outcome
}

export type Outcome =
  | {
      readonly state: 'measured'
      readonly measurement: Measurement
      readonly vitals: ProcessMetrics
      /** What a connection that says nothing costs; null where there are none. */
      readonly idle: IdleMemory | null
      readonly facts: HostFacts | null
    }
  /** The server or the load came to nothing: why, as a sentence. */
  | { readonly state: 'failed'; readonly why: string }

/** Bytes per idle connection: of the process's memory, of what its heap and its buffers hold without garbage, and of V8's room for young objects. */
export interface IdleMemory {
  readonly rssBytes: number
  readonly heldBytes: number | null
  readonly youngBytes: number | null
}

export function loadOf(workload: Workload, pace: Pace): Load {
  const measureMs = Math.max(pace.measureMs, workload.measureMsMin ?? 0)
  return { ...workload.load, warmupMs: pace.warmupMs, measureMs }
}

/** Never rejects for what a server does: that is an outcome. */
export async function runBlock(workload: Workload, subject: Subject, pace: Pace): Promise<Outcome> {
  try {
    return await measured(workload, subject, pace)
  } catch (error) {
    return { state: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}

async function measured(workload: Workload, subject: Subject, pace: Pace): Promise<Outcome> {
  const load = loadOf(workload, pace)
  const { idleClients = 0 } = load
  await using server = await subject.start(workload.limits ?? {})
  const empty = idleClients > 0 ? await memoryOf(server) : null
  let crowded: Memory | null = null
  let vitals: ProcessMetrics | undefined
  const measurement = await measure(server, load, {
    dialect: subject.dialect,
    ready: async () => {
      if (idleClients > 0) crowded = await memoryOf(server)
    },
    begun: async () => void (await server.metrics()),
    over: async () => {
      vitals = await server.metrics()
    },
  })
  if (!vitals) throw new Error('the measured time was never over')
  const idle = perConnection(empty, crowded, idleClients + 2 * load.pairs)
  return { state: 'measured', measurement, vitals, idle, facts: server.facts ?? null }
}

interface Memory {
  readonly rssBytes: number
  readonly heldBytes: number | null
  readonly youngBytes: number | null
}

async function memoryOf(server: Awaited<ReturnType<Subject['start']>>): Promise<Memory> {
  const memory = await server.memory()
  if (memory) return memory
  return { rssBytes: (await server.metrics()).rssBytes, heldBytes: null, youngBytes: null }
}

function perConnection(empty: Memory | null, crowded: Memory | null, connections: number): IdleMemory | null {
  if (!empty || !crowded) return null
  const each = (before: number | null, after: number | null): number | null =>
    before === null || after === null ? null : (after - before) / connections
  return {
    rssBytes: (crowded.rssBytes - empty.rssBytes) / connections,
    heldBytes: each(empty.heldBytes, crowded.heldBytes),
    youngBytes: each(empty.youngBytes, crowded.youngBytes),
  }
}
