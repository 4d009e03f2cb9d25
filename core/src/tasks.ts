/** The promises that a server started and owns. One that rejects is a broken invariant, so it crashes the process. */
export class Tasks {
  readonly #running = new Set<Promise<void>>()

  /** Owns `task` until it settles. */
  own(task: Promise<void>): void {
    const owned = task.then(
      () => void this.#running.delete(owned),
      (error: unknown) => {
        this.#running.delete(owned)
        queueMicrotask(() => {
          throw error
        })
      },
    )
    this.#running.add(owned)
  }

  get count(): number {
    return this.#running.size
  }

  /** Settles when none is left, those included that start meanwhile. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
