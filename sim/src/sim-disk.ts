import { withOutbox } from '@switchyard/core'
import type { Protocol } from '@switchyard/core'

/** `slow`: a commit ends when the schedule says so; `dead`: it never does; `failing`: it fails when the schedule says so. */
export const DISKS = ['slow', 'dead', 'failing'] as const
export type DiskKind = (typeof DISKS)[number]

/** A disk on which each step of a protocol is written down, and of which the schedule is the platter. */
export class SimDisk {
  /** Steps that are written down, and those of them that are committed. */
  written = 0
  committed = 0
  readonly #kind: DiskKind
  #commit: { readonly steps: number; readonly done: () => void; readonly failed: (why: Error) => void } | undefined

  constructor(kind: DiskKind) {
    this.#kind = kind
  }

  /** `protocol`, each of whose steps is written down before it is taken. */
  journaling(protocol: Protocol): Protocol {
    return withOutbox(protocol, (out) => {
      this.written++
      return out
    })
  }

  /** What a server is given (`ServeOptions.commit`). */
  readonly commit = (): Promise<void> | undefined => {
    if (this.#commit) throw new Error('a commit begins while one is under way')
    const steps = this.written
    if (steps === this.committed) return undefined
    return new Promise((done, failed) => {
      this.#commit = { steps, done, failed }
    })
  }

  /** Whether a commit is under way, and can end. */
  get canEnd(): boolean {
    return this.#commit !== undefined && this.#kind !== 'dead'
  }

  /** The commit that is under way ends. */
  end(): void {
    const commit = this.#commit
    if (!commit) throw new Error('no commit is under way')
    this.#commit = undefined
    if (this.#kind === 'failing') return commit.failed(new Error('the simulated disk has failed'))
    this.committed = commit.steps
    commit.done()
  }
}
