/** What the processes of a measurement say to each other: a parent with its server, a parent with its load generator. */
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import type { Generated, Load } from './generator.ts'

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
}

/** What can be asked of a server's process. */
export interface Answers {
  readonly cpu: CpuSample
  readonly statistics: StatisticsSnapshot
  /** The wait-for graph, as text. */
  readonly waits: string
  readonly memory: MemorySample
}
export type Question = keyof Answers

export type ToHost =
  | { readonly kind: 'serve'; readonly limits: Limits }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'shut-down' }

export type FromHost = { readonly kind: 'listening'; readonly port: number } | Answer

/** An answer and what it answers, of one question or of any. */
export type Answer<Asked extends Question = Question> = {
  readonly [Each in Asked]: {
    readonly kind: 'answer'
    readonly id: number
    readonly question: Each
    readonly answer: Answers[Each]
  }
}[Asked]

export interface ToGenerator {
  readonly kind: 'generate'
  readonly port: number
  readonly load: Load
}

export type FromGenerator =
  /** The measured time begins now, and is over now. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'over' }
  /** The last message: one of these two. */
  | { readonly kind: 'generated'; readonly generated: Generated }
  | { readonly kind: 'failed'; readonly why: string }
