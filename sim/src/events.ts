import type { End } from './network.ts'
import type { Simulation } from './simulation.ts'
import type { Move } from './world.ts'

/** What happened, one I/O event at a time. Clients are numbered from 0 in the order of the world. */
export type Event =
  | { readonly kind: 'connect'; readonly client: number; readonly refused: boolean }
  | {
      readonly kind: 'move'
      readonly client: number
      readonly move: Move
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
  | { readonly kind: 'time'; readonly now: number }
  | { readonly kind: 'shutdown' }

/** The protocol's bytes as its clients write them, and where a client finds its id. */
export interface Wire {
  encode(id: Uint8Array, body: Uint8Array): Uint8Array
  begin(id: Uint8Array, body: Uint8Array): Uint8Array
  /** The id at the beginning of what a client has received; undefined while that is too short. */
  id(received: Uint8Array): Uint8Array | undefined
}

/**
 * Follows a run and says at once when something is wrong. Its verdict may depend on the order of two events only where
 * one can have caused the other: exhaustive exploration leaves out orders that differ in nothing else (see `Exhaustive`).
 */
export interface Judge {
  after(event: Event, simulation: Simulation): Violation | undefined
  /** Nothing is left to happen before time would have to move: whoever waits now waits for time, or for ever. */
  rest?(simulation: Simulation): Violation | undefined
  /** Nothing is left to happen, not even with time. */
  end(simulation: Simulation): Violation | undefined
}

export interface Violation {
  /** R3.4, G1. */
  readonly clause: string
  readonly message: string
}

/** How a run ended. */
export interface Outcome {
  readonly events: readonly Event[]
  readonly violation: Violation | undefined
  /** Who waited for whom at the end, as text; its clients are numbered as in the world. */
  readonly waits: string
}
