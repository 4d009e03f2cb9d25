import type { Close, Limits, StatisticsSnapshot } from '@switchyard/core'

/** `short` is for tests: the same, with smaller numbers. */
export type Scale = 'full' | 'short'

/** One way in which the world treats a server badly. */
export interface Abuse {
  readonly name: string
  /** What is done, in a sentence. */
  readonly what: string
  run(victims: Victims, scale: Scale): Promise<Finding>
}

export interface Finding {
  /** Empty: the server bore it. */
  readonly problems: readonly string[]
  /** By name; units end a name. */
  readonly figures: Readonly<Record<string, number>>
}

/** Where servers to be abused come from: each in a process of its own. */
export interface Victims {
  /** One that answers questions. */
  measured(limits: Partial<Limits>): Promise<Measured>
  /** One as operators run it. */
  operated(limits: Partial<Limits>, options?: OperatedOptions): Promise<Operated>
}

export interface Victim extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  statistics(): Promise<StatisticsSnapshot>
}

export interface Measured extends Victim {
  /** Heap and buffers, garbage collected; bytes. */
  heldBytes(): Promise<number>
  /** Resident memory now, and the most since it began. */
  resident(): Promise<{ readonly rssBytes: number; readonly peakRssBytes: number }>
}

export interface OperatedOptions {
  /** Default: any free one. */
  readonly port?: number
  /** What `ulimit -n` is set to for it. */
  readonly descriptorsMax?: number
}

export interface Operated extends Victim {
  /** Settles, and never rejects, when the process is gone: its exit code, null after a signal. */
  readonly ended: Promise<number | null>
  /** What its log says of the connections that have ended. */
  closes(): readonly Pick<Close, 'client' | 'reason' | 'bytesIn' | 'bytesOut'>[]
}

/** What a heap that has just been collected still varies by. */
export const HEAP_NOISE_BYTES: number = 4 * 1024 * 1024
