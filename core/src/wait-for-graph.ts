import type { ClientId } from './protocol.ts'

/** Who can wait or hold: a client's own loop in the server, or a named task such as a dispatcher. */
export type Party =
  | { readonly kind: 'client'; readonly id: ClientId }
  | { readonly kind: 'task'; readonly name: string; readonly of?: ClientId }

/** What can be waited for. */
export type Resource =
  | { readonly kind: 'lock'; readonly name: string; readonly holder: () => Party | undefined }
  | { readonly kind: 'channel'; readonly name: string; readonly receiver: Party }
  /** Room in what is queued for a client. */
  | { readonly kind: 'room'; readonly client: ClientId }
  /** A client to read, so that the operating system accepts more for it. The client itself is outside of the server. */
  | { readonly kind: 'reading'; readonly client: ClientId }
  /** A client to send something: it, too, is outside of the server. */
  | { readonly kind: 'input'; readonly client: ClientId }
  /** Held bytes to fall below `heldBytesMax` (R5.6). */
  | { readonly kind: 'memory' }
  /** What was decided to lie on a disk (`ServeOptions.commit`). */
  | { readonly kind: 'commit' }
  /** Something else, by its name: a mailbox, the end of a service. */
  | { readonly kind: 'named'; readonly name: string; readonly holder?: () => Party | undefined }

/** One edge. */
export interface Wait {
  readonly who: Party
  readonly what: Resource
  /** By the server's clock, ms. */
  readonly since: number
}

const LINES_MAX = 20

/**
 * Who waits for what, held by whom, at this moment. Entered on slow paths only: while nothing waits it costs nothing.
 * The rendering answers the one question of a stall: *client 7 waits for lock "sockets", held by client 3, which waits
 * for client 9 to read*.
 */
export class WaitForGraph {
  readonly #now: () => number
  readonly #waits = new Set<Wait>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Enters a wait; disposing of the answer ends it. */
  begin(who: Party, what: Resource): Disposable {
    const wait: Wait = { who, what, since: this.#now() }
    this.#waits.add(wait)
    return { [Symbol.dispose]: () => void this.#waits.delete(wait) }
  }

  /** Every wait of this moment, oldest first. */
  edges(): readonly Wait[] {
    return [...this.#waits]
  }

  /**
   * Rings of parties of which each waits for the next and the last for the first: deadlocks. Several steps may go by one party: if
   * one of them waits for what another holds, and that one waits for somebody else, it is no ring.
   */
  cycles(): readonly (readonly Wait[])[] {
    const byWaiter = this.#byWaiter()
    const done = new Set<string>()
    const found: Wait[][] = []
    const walk = (party: Party, path: Wait[]): void => {
      const key = labelOf(party)
      const start = path.findIndex((wait) => labelOf(wait.who) === key)
      if (start >= 0) {
        const ring = path.slice(start)
        if (ring.length > 1 || !isOfSeveralSteps(byWaiter, party)) found.push(ring)
        return
      }
      if (done.has(key)) return
      for (const wait of byWaiter.get(key) ?? []) {
        const next = holderOf(wait.what)
        if (next) walk(next, [...path, wait])
      }
      done.add(key)
    }
    for (const waits of byWaiter.values()) if (waits[0]) walk(waits[0].who, [])
    return found
  }

  /** What stands between `who` and going on: its own wait, then that of whoever holds what it waits for, and so on. */
  chainOf(who: Party): readonly Wait[] {
    return chainIn(this.#byWaiter(), who)
  }

  /** One line for each chain of waits, from whoever nobody waits for to what nobody holds; cycles first, by name. */
  render(): string {
    if (this.#waits.size === 0) return 'nobody waits'
    const cycles = this.cycles()
    const lines = cycles.map((cycle) => `deadlock: ${sentenceOf(cycle)}`)
    const byWaiter = this.#byWaiter()
    const heldBy = new Set<string>()
    for (const wait of this.#waits) {
      const holder = holderOf(wait.what)
      if (holder && !(isForItself(wait) && isOfSeveralSteps(byWaiter, holder))) heldBy.add(labelOf(holder))
    }
    for (const [label, waits] of byWaiter) {
      if (heldBy.has(label)) continue
      for (const wait of waits) lines.push(sentenceOf([wait, ...chainIn(byWaiter, holderOf(wait.what), wait.who)]))
    }
    // Everybody in a cycle is waited for, so that only a graph of nothing but cycles gets here without a chain.
    const more = lines.length - LINES_MAX
    return [...lines.slice(0, LINES_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
  }

  #byWaiter(): Map<string, Wait[]> {
    const byWaiter = new Map<string, Wait[]>()
    for (const wait of this.#waits) {
      const label = labelOf(wait.who)
      const waits = byWaiter.get(label)
      if (waits) waits.push(wait)
      else byWaiter.set(label, [wait])
    }
    return byWaiter
  }
}

function chainIn(byWaiter: ReadonlyMap<string, readonly Wait[]>, from: Party | undefined, behind?: Party): Wait[] {
  const seen = new Set(behind && [labelOf(behind)])
  const chain: Wait[] = []
  for (let party = from; party && !seen.has(labelOf(party));) {
    seen.add(labelOf(party))
    const waits = byWaiter.get(labelOf(party))
    const next = waits?.find((wait) => !isForItself(wait)) ?? waits?.[0]
    if (!next) break
    chain.push(next)
    party = holderOf(next.what)
  }
  return chain
}

/** `client 7 waits for lock "sockets", held by client 3, which waits for client 9 to read` */
function sentenceOf([first, ...rest]: readonly Wait[]): string {
  if (!first) return ''
  return [describe(first), ...rest.map(({ what }) => waitsFor(what))].join(', which ')
}

function describe(wait: Wait): string {
  return `${labelOf(wait.who)} ${waitsFor(wait.what)}`
}

function labelOf(party: Party): string {
  switch (party.kind) {
    case 'client':
      return `client ${party.id}`
    case 'task':
      return party.of === undefined ? party.name : `${party.name} of client ${party.of}`
  }
}

/** Of those steps one waits for somebody else. */
function isOfSeveralSteps(byWaiter: ReadonlyMap<string, readonly Wait[]>, party: Party): boolean {
  return !(byWaiter.get(labelOf(party))?.every(isForItself) ?? true)
}

function isForItself({ who, what }: Wait): boolean {
  const holder = holderOf(what)
  return holder !== undefined && labelOf(holder) === labelOf(who)
}

function holderOf(what: Resource): Party | undefined {
  switch (what.kind) {
    case 'lock':
      return what.holder()
    case 'channel':
      return what.receiver
    case 'named':
      return what.holder?.()
    case 'room':
    case 'reading':
    case 'input':
    case 'memory':
    case 'commit':
      return undefined
  }
}

function waitsFor(what: Resource): string {
  switch (what.kind) {
    case 'lock': {
      const holder = what.holder()
      return `waits for lock "${what.name}"${holder ? `, held by ${labelOf(holder)}` : ''}`
    }
    case 'channel':
      return `waits for room in channel "${what.name}", emptied by ${labelOf(what.receiver)}`
    case 'room':
      return `waits for room in what is queued for client ${what.client}, which does not read fast enough`
    case 'reading':
      return `waits for client ${what.client} to read`
    case 'input':
      return `waits for client ${what.client} to send`
    case 'memory':
      return 'waits for the bytes held by the server to fall below heldBytesMax'
    case 'commit':
      return 'waits for the commit of what was decided'
    case 'named':
      return `waits for ${what.name}`
  }
}
