import { setImmediate } from 'node:timers/promises'
import type { Client } from '@switchyard/harness'

/** One eager sender: offers the same batch again and again, each as soon as the one before it has been taken. */
export class Flood {
  takenBytes = 0
  readonly #sender: Client
  readonly #batch: Uint8Array
  readonly #offeredBytesMax: number
  #ended = false

  constructor(sender: Client, batch: Uint8Array, offeredBytesMax: number = Number.POSITIVE_INFINITY) {
    this.#sender = sender
    this.#batch = batch
    this.#offeredBytesMax = offeredBytesMax
  }

  begin(): void {
    void this.#run()
  }

  end(): void {
    this.#ended = true
  }

  /** Everything was taken that it has to offer. */
  get over(): boolean {
    return this.takenBytes + this.#batch.length > this.#offeredBytesMax
  }

  /** A pass of the event loop between two batches: a server that takes everything at once is not to starve its clients here. */
  async #run(): Promise<void> {
    while (!this.#ended && !this.over) {
      await new Promise<void>((accepted) => this.#sender.write(this.#batch, accepted))
      this.takenBytes += this.#batch.length
      await setImmediate()
    }
  }
}
