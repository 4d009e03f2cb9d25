import type { Connection } from './connection/connection.ts'
import type { Party, WaitForGraph } from './wait-for-graph.ts'

/** One connection for which something was decided, and how much of all that was ever sent to it belongs to that. */
interface Decided {
  readonly connection: Connection
  readonly end: number
}

/**
 * What has been decided and must lie on a disk before it leaves: one commit at a time, for all that was decided until it began.
 * A commit that fails is never tried again: whatever it was for, and all that is decided later, stays.
 */
export class Commits {
  /** Rejects when a commit fails. */
  readonly failed: Promise<never>
  readonly #commit: () => Promise<void> | undefined
  readonly #waits: WaitForGraph
  #fail: (why: unknown) => void = () => {}
  #hasFailed = false
  #underWay: Promise<void> | undefined
  /** Of the steps since the last commit began. */
  #decided: Decided[] = []
  #committed = new Set<Connection>()

  constructor(commit: () => Promise<void> | undefined, waits: WaitForGraph) {
    this.#commit = commit
    this.#waits = waits
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
  }

  /** So much was decided for each of these: the next commit is for that too. */
  add(dirty: readonly Connection[]): void {
    for (const connection of dirty) this.#decided.push({ connection, end: connection.outgoing.end })
  }

  /** Undefined: there was nothing to wait for, and what was decided may leave. */
  begin(who: Party): Promise<void> | undefined {
    const decided = this.#decided
    this.#decided = []
    const commit = this.#hasFailed ? this.failed : this.#commit()
    if (commit) return (this.#underWay = this.#wait(who, decided, commit))
    this.#release(decided)
    return undefined
  }

  async #wait(who: Party, decided: readonly Decided[], commit: Promise<void>): Promise<void> {
    using _ = this.#waits.begin(who, { kind: 'commit' })
    try {
      await Promise.race([commit, this.failed])
    } catch (error) {
      this.#hasFailed = true
      this.#fail(error)
      throw error
    }
    this.#underWay = undefined
    this.#release(decided)
  }

  #release(decided: readonly Decided[]): void {
    for (const { connection, end } of decided) {
      connection.committed(end)
      this.#committed.add(connection)
    }
  }

  /** Those for which something may leave since the last call. */
  take(): readonly Connection[] {
    const committed = [...this.#committed]
    this.#committed.clear()
    return committed
  }

  /** The commit that is under way or has failed, if there is one. */
  get underWay(): Promise<void> | undefined {
    return this.#underWay
  }

  /** The commit that is under way counts as failed. */
  giveUp(why: Error): void {
    if (this.#underWay) this.#fail(why)
  }
}
