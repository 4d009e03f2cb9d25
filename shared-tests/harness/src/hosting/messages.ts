/** What a parent and the server in a process of its own say to each other. */
import type { Limits, StatisticsSnapshot } from '@switchyard/core'

/** CPU time of all threads since the process began, user and system. */
export interface CpuSample {
  readonly cpuMicros: number
  /** When, by the sampled process's own clock, ms: two samples answer for the time between them, however late they came. */
  readonly atMs: number
}

/** Garbage collected. Buffers are part of `externalBytes`. */
export interface MemorySample {
  readonly heapUsedBytes: number
  readonly externalBytes: number
  /** The sum of the two. */
  readonly heldBytes: number
  readonly rssBytes: number
  /**
   * The part of `rssBytes` that V8 keeps as room for young objects. It grows by what was allocated lately, to 32 MiB at most, and is given
   * back by a collection after five quiet seconds.
   */
  readonly youngBytes: number
}

/** What a process has been through since it was first asked for this. */
export interface ProcessMetrics {
  /** How late its event loop came to what was due, ms; null where the process has none of Node's. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number } | null
  /** Time in which collecting garbage kept it from anything else, ms; null as above. */
  readonly collectingMs: number | null
  readonly rssBytes: number
  /** The most since the process began. */
  readonly peakRssBytes: number
}

/** What can be asked of a server's process. */
export interface Answers {
  readonly cpu: CpuSample
  readonly statistics: StatisticsSnapshot
  /** The wait-for graph, as text. */
  readonly waits: string
  readonly memory: MemorySample
  /** Begins anew with each question. */
  readonly metrics: ProcessMetrics
}
export type Question = keyof Answers

export type ToHost =
  | { readonly kind: 'serve'; readonly limits: Limits }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'shut-down' }

export type FromHost = { readonly kind: 'listening'; readonly port: number; readonly facts: HostFacts } | Answer

/** Read off the listener and the process themselves, so that a report can show that all servers had the same. */
export interface HostFacts {
  readonly noDelay: boolean | null
  readonly allowHalfOpen: boolean | null
  /** What a socket reads ahead before anybody asks, bytes; null: Node's own choice. */
  readonly highWaterMark: number | null
  readonly node: string
  readonly v8: string
  /** Node's options. */
  readonly flags: readonly string[]
}

/** An answer and what it answers, of one question or of any. */
export type Answer<Asked extends Question = Question> = {
  readonly [Each in Asked]: {
    readonly kind: 'answer'
    readonly id: number
    readonly question: Each
    readonly answer: Answers[Each]
  }
}[Asked]
