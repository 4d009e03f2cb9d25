import type { Frame } from './frame.ts'

/** One server's run: frames that are there already, and more to come. */
export interface Run {
  /** The server's name. */
  readonly name: string
  /** In order of time; the first one stands before every event. */
  readonly frames: readonly Frame[]
  /** How long a message takes from one end of a connection to the other. */
  readonly travelMs: number
  /** Nothing more will happen. */
  readonly over: boolean
  /** Lets everything happen up to a time, and what happens at it. Calls must not overlap. */
  advance(until: number): Promise<void>
  /** Lets one more event happen, if one will. */
  step(): Promise<void>
}

/** The index of the frame that shows a run at a time: the last one that is not later. */
export function indexAt(frames: readonly Pick<Frame, 'at'>[], at: number): number {
  let low = 0
  let high = frames.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (frames[middle]!.at <= at) low = middle
    else high = middle - 1
  }
  return low
}
