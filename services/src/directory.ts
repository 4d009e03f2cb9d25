import type { WaitForGraph } from '@switchyard/core'
import type { Incarnation } from './incarnation.ts'
import type { Mailbox } from './mailbox.ts'

export type Found<M> = { readonly state: 'ok'; readonly mailbox: Mailbox<M> } | { readonly state: 'closed' }

const CLOSED = { state: 'closed' } as const

/**
 * Names of mailboxes. Services find each other here and hold no references to each other, so that any of them can be
 * replaced, and none has to exist before the others. `Names` says which messages each name takes:
 * `Directory<{ kitchen: Order; till: Payment }>`.
 */
export class Directory<Names extends object> {
  readonly #mailboxes: { [Name in keyof Names]?: Mailbox<Names[Name]> } = {}
  readonly #waiting: { [Name in keyof Names]?: Set<(found: Found<Names[Name]>) => void> } = {}
  readonly #waits: WaitForGraph | undefined
  #closed = false

  /** `waits`: where waits for names are entered. */
  constructor(waits?: WaitForGraph) {
    this.#waits = waits
  }

  /**
   * `name` means `mailbox` from now on: nobody finds neither the old nor the new one. Whoever waits for the name is told.
   * Returns the mailbox that had the name; it is still open.
   */
  set<Name extends keyof Names>(name: Name, mailbox: Mailbox<Names[Name]>): Mailbox<Names[Name]> | undefined {
    const before = this.#mailboxes[name]
    this.#mailboxes[name] = mailbox
    this.#tell(name, { state: 'ok', mailbox })
    return before
  }

  get<Name extends keyof Names>(name: Name): Mailbox<Names[Name]> | undefined {
    return this.#mailboxes[name]
  }

  /** Forgets `name` if it means `mailbox`: whoever was replaced cannot take the name from its successor. */
  delete<Name extends keyof Names>(name: Name, mailbox: Mailbox<Names[Name]>): boolean {
    if (this.#mailboxes[name] !== mailbox) return false
    delete this.#mailboxes[name]
    return true
  }

  /** Settles when `name` means a mailbox. `closed` when the directory is closed, or `by` is told to stop, before that. */
  find<Name extends keyof Names & string>(name: Name, by: Incarnation): Promise<Found<Names[Name]>> {
    const mailbox = this.#mailboxes[name]
    if (mailbox) return Promise.resolve({ state: 'ok', mailbox })
    if (this.#closed || by.signal.aborted) return Promise.resolve(CLOSED)
    return this.#arrival(name, by)
  }

  /** Ends every wait for a name. Names can still be looked up. */
  close(): void {
    this.#closed = true
    for (const name in this.#waiting) this.#tell(name, CLOSED)
  }

  async #arrival<Name extends keyof Names & string>(name: Name, by: Incarnation): Promise<Found<Names[Name]>> {
    using _ = this.#waits?.begin(by.party, { kind: 'named', name: `a mailbox by the name of ${name}` })
    const waiting = (this.#waiting[name] ??= new Set())
    return await new Promise((answer) => {
      const tell = (found: Found<Names[Name]>): void => {
        waiting.delete(tell)
        by.signal.removeEventListener('abort', stop)
        answer(found)
      }
      const stop = (): void => tell(CLOSED)
      waiting.add(tell)
      by.signal.addEventListener('abort', stop)
    })
  }

  #tell<Name extends keyof Names>(name: Name, found: Found<Names[Name]>): void {
    for (const tell of this.#waiting[name] ?? []) tell(found)
  }
}
