import type { ClientId } from '@switchyard/core'

interface Entry {
  readonly client: ClientId
  at: number
  previous: Entry | undefined
  next: Entry | undefined
}

/**
 * Clients by when something was last heard of them, the longest ago first. Every operation takes the same time however many
 * there are: a deadline that is equally long for all needs no heap.
 */
export class Recency {
  readonly #entries = new Map<ClientId, Entry>()
  #oldest: Entry | undefined
  #newest: Entry | undefined

  get oldest(): Readonly<Pick<Entry, 'client' | 'at'>> | undefined {
    return this.#oldest
  }

  /** `now` is never less than before. */
  touch(client: ClientId, now: number): void {
    let entry = this.#entries.get(client)
    if (entry === undefined) {
      entry = { client, at: now, previous: undefined, next: undefined }
      this.#entries.set(client, entry)
    } else {
      entry.at = now
      if (entry === this.#newest) return
      this.#unlink(entry)
    }
    entry.previous = this.#newest
    entry.next = undefined
    if (this.#newest) this.#newest.next = entry
    else this.#oldest = entry
    this.#newest = entry
  }

  delete(client: ClientId): void {
    const entry = this.#entries.get(client)
    if (entry === undefined) return
    this.#entries.delete(client)
    this.#unlink(entry)
  }

  #unlink(entry: Entry): void {
    if (entry.previous) entry.previous.next = entry.next
    else this.#oldest = entry.next
    if (entry.next) entry.next.previous = entry.previous
    else this.#newest = entry.previous
  }
}
