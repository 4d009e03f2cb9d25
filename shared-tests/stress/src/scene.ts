import type { Guarantee, Limits } from '@switchyard/core'
import type { Findings } from './finding.ts'
import type { Stage } from './stage.ts'

/** Starts the server that is judged, each time a new one, in a process of its own. */
export type Open = (limits?: Partial<Limits>) => Promise<Stage>

/** What is played on a server, and which guarantees can be judged by it. */
export interface Scene {
  readonly shows: readonly Guarantee[]
  /** What it needs of a dialect: messages from one client to another, in groups, requests, or streams that come back. */
  readonly speaks: 'pair' | 'crowd' | 'requests' | 'echoes'
  /** Rejects with Broken or Unable, or with the reason of an abort. */
  play(open: Open): Promise<Findings>
}
