import type { Limits } from '@switchyard/core'
import type { DialectName } from '../load/dialects.ts'
import type { LoadTarget } from '../load/load.ts'
import type { HostFacts, MemorySample, ProcessMetrics } from '@switchyard/harness'

/** A server that is measured, by the name under which the report has it. */
export interface Subject {
  readonly name: string
  readonly kind: SubjectKind
  readonly dialect: DialectName
  /** The A/A control: another subject's name, whose server this is too. */
  readonly twinOf?: string
  /** Whether it keeps bounds (section 5 of the protocol): what does not is given no stalled readers. */
  readonly bounded: boolean
  /** A fresh process. Settles when it listens; rejects with ServerFailed if it never does. */
  start(limits: Partial<Limits>): Promise<RunningSubject>
}

/** `yardstick`: the relay; `peer`: a server that is not ours. Neither is ranked. */
export type SubjectKind = 'pattern' | 'variant' | 'yardstick' | 'peer'

export interface RunningSubject extends LoadTarget, AsyncDisposable {
  /** Undefined for a process that does not tell. */
  readonly facts: HostFacts | undefined
  /** Over the time since the last call. */
  metrics(): Promise<ProcessMetrics>
  /** With garbage collected; null for a process that can't be asked to. */
  memory(): Promise<MemorySample | null>
}
