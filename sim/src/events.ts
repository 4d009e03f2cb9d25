import type { End } from './network.ts'
import type { Move } from './world.ts'

/** What happened, one I/O event at a time. Clients are numbered from 0 in the order of the world. */
export type Event<Say = unknown> =
  | { readonly kind: 'connect'; readonly client: number; readonly refused: boolean }
  | {
      readonly kind: 'move'
      readonly client: number
      readonly move: Move<Say>
      /** What its kernel took of what it says, and how many bytes that is. */
      readonly sent: Uint8Array
      readonly bytes: number
      readonly whole: boolean
    }
  /** The server reads what has arrived. */
  | {
      readonly kind: 'deliver'
      readonly client: number
      readonly what: 'bytes' | 'fin' | 'reset'
      readonly bytes: number
    }
  /** The kernel takes more of a write that waits. */
  | { readonly kind: 'accept'; readonly client: number; readonly bytes: number }
  /** The client reads. */
  | { readonly kind: 'read'; readonly client: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly client: number; readonly end: End }
  | { readonly kind: 'turn' }
  /** A commit ends: so many steps are committed by now. */
  | { readonly kind: 'sync'; readonly committed: number }
  | { readonly kind: 'time'; readonly now: number }
  | { readonly kind: 'shutdown' }

export interface Violation {
  /** R3.4, G1. */
  readonly clause: string
  readonly message: string
}

/** How a run ended. */
export interface Outcome<Say = unknown> {
  readonly events: readonly Event<Say>[]
  readonly violation: Violation | undefined
  /** Who waited for whom at the end, as text; its clients are numbered as in the world. */
  readonly waits: string
}
