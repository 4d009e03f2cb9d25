/** What can go wrong at any moment of a run, whatever the run waits for just then. */
export class Failure {
  /** Ends the run. The first reason is the one that counts. */
  fail!: (why: unknown) => void
  readonly #failed: Promise<never>

  constructor() {
    this.#failed = new Promise((_, reject) => {
      this.fail = reject
    })
    this.#failed.catch(() => {}) // Whoever waits next hears of it; if nobody does, the run was over already.
  }

  /** Settles as `wait` does, or rejects with the failure if that is earlier. */
  unless<Value>(wait: Promise<Value>): Promise<Value> {
    return Promise.race([this.#failed, wait])
  }
}
