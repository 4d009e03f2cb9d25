import type { CpuSample } from '@switchyard/harness'
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import type { Client } from '@switchyard/harness'

/** One server in a process of its own, as a stage uses it. Rejects with Broken if it is gone, with Unseen where nobody can look. */
export interface Server {
  readonly port: number
  readonly limits: Limits
  /** Settles, and never rejects, when the process is gone: how it ended, as the end of a sentence. */
  readonly ended: Promise<string>
  readonly sight: Sight
  /** `clients` are all that there have been: what they wrote and read is part of the account of a server that keeps none. */
  seen(clients: readonly Client[]): Promise<Seen>
  statistics(): Promise<StatisticsSnapshot>
  memory(): Promise<Memory>
  cpu(): Promise<CpuSample>
  /** Who waits for whom, as text. */
  waits(): Promise<string>
  kill(): Promise<void>
}

/**
 * How `seen` knows. `inside`: the server says so. `kernel`: by the operating system's queues, which takes it some 10 ms.
 * `clients`: by what they write and read, so that nothing tells what the server holds.
 */
export type Sight = 'inside' | 'kernel' | 'clients'

/** What scenes go by: a part of a server's statistics, or the same as it shows from outside. */
export interface Seen {
  /** Read by the server. */
  readonly bytesIn: number
  /** Read, and not yet accepted by the operating system for anybody. NaN if that is not known. */
  readonly held: { readonly total: number }
  /** NaN likewise. */
  readonly connections: { readonly open: number }
}

/**
 * `heap`: garbage collected, so that what it grows by is held. `resident`: with garbage, and with what an allocator keeps, so
 * that only small growth says something. NaN bytes: unknown.
 */
export interface Memory {
  readonly of: 'heap' | 'resident'
  readonly heldBytes: number
  readonly rssBytes: number
}
