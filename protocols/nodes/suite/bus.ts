import { decodeSegment } from '../src/links/index.ts'
import type { LinkSegment } from '../src/links/index.ts'
import type { Clock } from '@switchyard/core'

/** A node as the bus knows it. */
export interface Station {
  readonly number: number
  /** It was killed: nothing comes of it or to it any more. */
  readonly dead: boolean
  receive(segment: Uint8Array): void
}

interface Trouble {
  readonly node: number
  readonly mishap: Mishap
  readonly ms: number
}

interface Published {
  readonly to: Station
  readonly segment: Uint8Array
}

/** Of a data segment that was kept: it would fit into the stream of another link. */
interface Kept extends Published {
  readonly data: LinkSegment
}

/** Begins a frame of messages. */
const DATA_FRAME = 2
const KEPT_MAX = 64

/** What can happen to the next data segment that a node publishes. */
const MISHAPS = ['drop', 'twice', 'swap', 'late'] as const
export type Mishap = (typeof MISHAPS)[number]

export function isMishap(word: string): word is Mishap {
  return MISHAPS.some((mishap) => mishap === word)
}

/**
 * The bus between nodes, in memory: what is published comes at the end of the turn, in order, unless a trouble was asked for. A broker
 * promises no more.
 */
export class Bus {
  readonly stations: Station[] = []
  readonly #clock: Clock
  readonly #moved: () => void
  #published: Published[] = []
  #due = false
  /** Whom nobody hears, and who hears nobody, itself included. */
  readonly #parted = new Set<number>()
  #wasParted = false
  readonly #joinedAt = new Map<number, number>()
  readonly #mishaps: Trouble[] = []
  /** Comes behind the next segment. */
  #swapped: Published[] = []
  #echoing = false
  #kept: Kept[] = []

  /** `moved` hears of every data segment. */
  constructor(clock: Clock, moved: () => void) {
    this.#clock = clock
    this.#moved = moved
  }

  publish(from: Station, to: number | 'everybody', segment: Uint8Array): void {
    if (from.dead || this.#parted.has(from.number)) return
    const mishap = to === 'everybody' ? undefined : this.#mishapOf(from, segment)
    for (const station of this.stations) {
      if (to !== 'everybody' && station.number !== to) continue
      const published = { to: station, segment }
      if (mishap?.mishap === 'drop') continue
      if (mishap?.mishap === 'late') {
        this.#clock.after(mishap.ms, () => this.#enqueue(published))
        continue
      }
      if (mishap?.mishap === 'swap') {
        this.#swapped.push(published)
        continue
      }
      this.#enqueue(published)
      if (mishap?.mishap === 'twice') this.#enqueue(published)
      for (const behind of this.#swapped.splice(0)) this.#enqueue(behind)
    }
  }

  #mishapOf(from: Station, segment: Uint8Array): Trouble | undefined {
    if (decodeSegment(segment)?.kind !== 'data') return undefined
    this.#moved()
    const index = this.#mishaps.findIndex(({ node }) => node === from.number)
    return index < 0 ? undefined : this.#mishaps.splice(index, 1)[0]
  }

  #enqueue(published: Published): void {
    this.#published.push(published)
    if (this.#due) return
    this.#due = true
    this.#clock.turn(() => this.deliver())
  }

  /** Everything that was published by now comes, and not what is published for that. */
  deliver(): void {
    this.#due = false
    for (const { to, segment } of this.#published.splice(0)) this.#bring(to, segment)
  }

  #bring(to: Station, segment: Uint8Array): void {
    if (to.dead || this.#parted.has(to.number)) return
    to.receive(segment)
    if (this.#echoing) this.#echo(to, segment)
  }

  // Troubles -----------------------------------------------------------------------------------------------------------

  /** The next data segment of a node is lost, comes twice, comes behind the next one, or `ms` later. */
  befall(node: number, mishap: Mishap, ms: number): void {
    this.#mishaps.push({ node, mishap, ms })
  }

  part(node: number, ms: number): void {
    this.#parted.add(node)
    this.#wasParted = true
    this.#clock.after(ms, () => {
      this.#parted.delete(node)
      this.#joinedAt.set(node, this.#clock.now())
    })
  }

  /** For how long it has been parted from nobody, ms. */
  joinedFor(node: number): number {
    return this.#parted.has(node) ? 0 : this.#clock.now() - (this.#joinedAt.get(node) ?? Number.NEGATIVE_INFINITY)
  }

  /** Some node was not heard for a while. */
  get wasParted(): boolean {
    return this.#wasParted
  }

  /** From now on segments of links that broke come again, where they would fit into the link that stands. */
  echo(): void {
    this.#echoing = true
  }

  #echo(to: Station, segment: Uint8Array): void {
    const data = decodeSegment(segment)
    if (data?.kind !== 'data') return
    const end = data.at + data.bytes.length
    const tempting = this.#kept.findIndex(
      (kept) => kept.to === to && kept.data.node === data.node && kept.data.mine !== data.mine && kept.data.at === end,
    )
    const [echo] = tempting < 0 ? [] : this.#kept.splice(tempting, 1)
    if (data.bytes[0] === DATA_FRAME && this.#kept.length < KEPT_MAX) this.#kept.push({ to, segment, data })
    if (echo) to.receive(echo.segment)
  }
}
