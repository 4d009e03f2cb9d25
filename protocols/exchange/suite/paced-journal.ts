import { liveClock } from '@switchyard/core'
import type { CommandJournal } from '../src/journal.ts'

/** About what the sync of a fast disk takes. */
const SYNC_MS = 2

/** A disk that keeps nothing, and takes its time for that: so measurements of patterns are not measurements of a disk. */
export class PacedJournal implements CommandJournal {
  #appended = false

  append(): void {
    this.#appended = true
  }

  sync(): Promise<void> | undefined {
    if (!this.#appended) return undefined
    this.#appended = false
    return new Promise((resolve) => void liveClock.after(SYNC_MS, resolve))
  }
}
