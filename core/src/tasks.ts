/** The promises that a server started and owns. One that rejects is a broken invariant, so it crashes the process. */
export class Tasks {
  #running = 0
  #allSettled: Promise<void> | undefined
  #settle: (() => void) | undefined

  /** Owns `task` until it settles. */
  own(task: Promise<void>): void {
    this.#running++
    void task.then(this.#ended, this.#failed)
  }

  get count(): number {
    return this.#running
  }

  /** Settles when none is left, those included that start meanwhile. */
  async settled(): Promise<void> {
    while (this.#running > 0) await (this.#allSettled ??= new Promise((settle) => (this.#settle = settle)))
  }

  readonly #ended = (): void => {
    if (--this.#running > 0) return
    this.#settle?.()
    this.#allSettled = undefined
  }

  readonly #failed = (error: unknown): void => {
    this.#ended()
    queueMicrotask(() => {
      throw error
    })
  }
}
