import type { ClientId } from '@switchyard/core'

/** What a client waits for: a client of another node, a link, a node whose link heals, or the end. */
export type HoldKey = number

/** Clients that are not read, and what each one waits for. */
export class Holds {
  readonly #clientsOf = new Map<HoldKey, Set<ClientId>>()
  readonly #keysOf = new Map<ClientId, Set<HoldKey>>()

  get size(): number {
    return this.#keysOf.size
  }

  /** Returns whether the client waited for nothing before. */
  add(client: ClientId, key: HoldKey): boolean {
    const clients = this.#clientsOf.get(key)
    if (clients) clients.add(client)
    else this.#clientsOf.set(key, new Set([client]))
    const keys = this.#keysOf.get(client)
    if (keys) keys.add(key)
    else this.#keysOf.set(client, new Set([key]))
    return keys === undefined
  }

  has(key: HoldKey): boolean {
    return this.#clientsOf.has(key)
  }

  /** Whatever was waited for is there. Returns the clients that now wait for nothing. */
  release(key: HoldKey): readonly ClientId[] {
    const clients = this.#clientsOf.get(key)
    if (!clients) return []
    this.#clientsOf.delete(key)
    const free: ClientId[] = []
    for (const client of clients) {
      const keys = this.#keysOf.get(client)
      if (!keys) continue
      keys.delete(key)
      if (keys.size > 0) continue
      this.#keysOf.delete(client)
      free.push(client)
    }
    return free
  }

  /** Whoever waits for `from` waits for `to` instead. */
  move(from: HoldKey, to: HoldKey): void {
    const clients = this.#clientsOf.get(from)
    if (!clients) return
    for (const client of clients) this.add(client, to)
    this.release(from)
  }

  /** The client is gone. */
  forget(client: ClientId): void {
    for (const key of this.#keysOf.get(client) ?? []) {
      const clients = this.#clientsOf.get(key)
      clients?.delete(client)
      if (clients?.size === 0) this.#clientsOf.delete(key)
    }
    this.#keysOf.delete(client)
  }
}
