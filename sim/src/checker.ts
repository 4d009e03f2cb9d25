import type { Server } from '@switchyard/core'
import type { Event, Outcome, Violation } from './events.ts'
import type { End, Link } from './network.ts'
import type { SimDisk } from './sim-disk.ts'
import type { World } from './world.ts'

/** A run for those who look at it and change nothing. */
export interface RunView<Say = unknown> {
  readonly world: World<Say>
  readonly clients: readonly ClientView[]
  readonly server: Pick<Server, 'statistics' | 'waits'>
  /** Simulated time, ms. */
  readonly now: number
  /** Whether the server has set a timer: where it has none, time ends nothing any more. */
  readonly timerPending: boolean
  readonly shutdown: 'no' | 'begun' | 'done'
  /** The disk, in a world that has one. */
  readonly disk: Pick<SimDisk, 'written' | 'committed'> | undefined
  outcome(): Outcome<Say>
}

/** One client of a run. */
export interface ClientView {
  /** Its place in the world. */
  readonly index: number
  readonly link: Pick<Link, 'arrival' | 'end' | 'gone' | 'pending' | 'readable' | 'space' | 'unread'>
  readonly connected: boolean
  readonly refused: boolean
  readonly stalled: boolean
  /** How its connection ended, once it has seen that. */
  readonly end: End | undefined
  /** How many of its moves it has made. */
  readonly nextMove: number
}

/**
 * Follows a run and says at once when something is wrong. Its verdict may depend on the order of two events only where
 * one can have caused the other: exhaustive exploration leaves out orders that differ in nothing else (see `Exhaustive`).
 */
export interface Checker<Say = unknown> {
  after(event: Event<Say>, run: RunView<Say>): Violation | undefined
  /** Nothing is left to happen before time would have to move: whoever waits now waits for time, or for ever. */
  rest?(run: RunView<Say>): Violation | undefined
  /** Nothing is left to happen, not even with time. */
  end(run: RunView<Say>): Violation | undefined
}
