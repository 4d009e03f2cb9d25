import type { Event, RunView, Violation } from '@switchyard/sim'
import type { Invariant, Model } from '@switchyard/simulated'
import { RING_MS } from '../../src/index.ts'

/**
 * B1.1: nobody waits longer for a ring than from one to the next, however late it came. Judged where everybody reads: what a stalled
 * client does to time is for a pattern to declare (G10).
 */
export class Rung implements Invariant {
  /** For each client, since when it waits for a ring. */
  readonly #since: (number | undefined)[] = []
  readonly #owed: number[] = []

  after(_: Event, { ledger }: Model, { now }: RunView): Violation | undefined {
    for (const { index, state, owed } of ledger.accounts) {
      if (state !== 'joined') continue
      const rings = owed.filter(({ from }) => from === undefined).length
      if (this.#since[index] === undefined || rings > (this.#owed[index] ?? 0)) this.#since[index] = now
      this.#owed[index] = rings
    }
    return undefined
  }

  rest({ ledger }: Model, { clients, shutdown, now, timerPending }: RunView): Violation | undefined {
    if (shutdown !== 'no' || clients.some(({ stalled }) => stalled)) return undefined
    for (const { index, state, fin, reset, cutOff, closed } of ledger.accounts) {
      if (state !== 'joined' || fin !== 'no' || reset || cutOff || closed) continue
      const waitsMs = now - (this.#since[index] ?? now)
      if (!timerPending) return { clause: 'B1.1', message: `client ${index} waits for a ring, and nobody will ring` }
      if (waitsMs <= RING_MS) continue
      return { clause: 'B1.1', message: `client ${index} has heard no ring for ${waitsMs} ms` }
    }
    return undefined
  }
}
