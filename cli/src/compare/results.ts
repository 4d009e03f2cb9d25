import type { Figures, Interleaved } from '@switchyard/bench'
import type { Guarantees } from '@switchyard/core'
import type { Report } from '@switchyard/conformance'
import type { Cell } from '@switchyard/stress'

/** What `compare` found: the content of `results.json`. */
export interface Comparison {
  /** Grows when a reader of older files would misread newer ones. */
  readonly schema: 2
  readonly made: { readonly at: string; readonly seconds: number; readonly command: string }
  readonly machine: Machine
  readonly loads: Readonly<Record<Workload, Interleaved>>
  /** The five, then what stands below the line. */
  readonly rows: readonly Row[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly platform: string
  readonly node: string
  /** The checkout's commit, if there is one, with a `+` if files were changed. */
  readonly commit: string | null
}

export type Workload = 'pipelined' | 'round-trips'

export interface Row {
  readonly name: string
  readonly kind: 'pattern' | 'variant'
  readonly guarantees: Guarantees
  readonly conformance: Report
  /** The short form of the stress suite. */
  readonly stress: readonly Cell[]
  readonly figures: Readonly<Record<Workload, Figures>>
  /** Pipelined throughput, as a multiple of the variant that awaits per message: the median of the rounds' ratios. */
  readonly timesAwaitPerMessage: number
  /** Lines of its one file that are neither blank nor comment; null where the file is not at hand. */
  readonly codeLines: number | null
}
