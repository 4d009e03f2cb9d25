import { SimListener } from './network.ts'
import { settle } from './settle.ts'
import { SimClock } from './sim-clock.ts'

/** Makes one event happen. What a promise that it returns waits for belongs to the event. */
export type Action = () => unknown

/**
 * Moves one simulated server: its listener, its clock, and the rule that whatever follows from one event (ticks and
 * promises) happens before the next event does.
 */
export class Scheduler {
  readonly clock: SimClock = new SimClock()
  readonly listener: SimListener = new SimListener()

  /** Ends the turn. Each call that waits for this is an event of its own. */
  async endTurn(): Promise<void> {
    for (const fn of this.clock.endTurn()) {
      fn()
      await settle()
    }
  }

  /** Moves time to the first timer that is due by `until`, and calls it; if there is none, moves time to `until`. Returns whether there was one. */
  async passTime(until?: number): Promise<boolean> {
    const fn = this.clock.nextTimer(until)
    if (!fn) return false
    fn()
    await settle()
    return true
  }

  /**
   * Lets events happen until none is left but that time passes. `possible` lists those of the network; the end of the turn
   * comes behind them. `choose` gets their number, 0 at the end included, and returns which of them is next.
   */
  async run(possible: () => Action[], choose: (count: number) => number): Promise<void> {
    for (;;) {
      await settle()
      const actions = possible()
      if (this.clock.turnPending) actions.push(() => this.endTurn())
      const next = actions[choose(actions.length)]
      if (!next) return
      await next()
    }
  }
}
