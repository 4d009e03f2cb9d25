import { dump } from '@switchyard/conformance/portable'
import type { Violation } from '@switchyard/sim'
import type { Account, Delivery, Reading } from './model.ts'
import { nameOf } from './model.ts'

/** One way to explain what has been read. */
interface Position {
  /** How many deliveries of each lane have come whole. */
  readonly taken: readonly number[]
  /** The lane whose next delivery has come in part, and how many bytes of it. */
  readonly lane: number
  readonly offset: number
}

const NO_LANE = -1

/**
 * What one client has read: whole deliveries, each once, in the order in which they were decided. Of a pattern that declares
 * no order, in that order from each client by itself (a lane for each); where bytes are alike, every explanation is followed.
 */
export class Stream implements Reading {
  readonly #account: Account
  readonly #ordered: boolean
  readonly #lanes: Delivery[][]
  /** How many of what is owed are in their lanes. */
  #sorted = 0
  #positions: readonly Position[]

  constructor(account: Account, clients: number, ordered: boolean) {
    this.#account = account
    this.#ordered = ordered
    // The last one is for steps that belong to no client.
    this.#lanes = Array.from({ length: ordered ? 1 : clients + 1 }, () => [])
    this.#positions = [{ taken: this.#lanes.map(() => 0), lane: NO_LANE, offset: 0 }]
  }

  get unfinishedBytes(): number {
    return Math.min(...this.#positions.map(({ offset }) => offset))
  }

  get complete(): boolean {
    return this.missing() === undefined
  }

  read(bytes: Uint8Array): Violation | undefined {
    this.#sort()
    const found = new Map<string, Position>()
    for (const position of this.#positions) this.#advance(position, bytes, found)
    if (found.size === 0) return this.#mismatch(bytes)
    this.#positions = [...found.values()]
    return undefined
  }

  missing(): Delivery | undefined {
    this.#sort()
    // Every explanation has taken as many bytes; so if one of them lacks something, each does.
    const { taken } = this.#positions[0]!
    const lanes = this.#lanes.flatMap((lane, i) => lane[taken[i]!] ?? [])
    return lanes.reduce<Delivery | undefined>(
      (first, next) => (first && first.step <= next.step ? first : next),
      undefined,
    )
  }

  /** Every position in which `bytes` can be read on from this one. */
  #advance(from: Position, bytes: Uint8Array, found: Map<string, Position>): void {
    if (bytes.length === 0) {
      found.set(`${from.taken.join()}:${from.lane}:${from.offset}`, from)
      return
    }
    for (const lane of from.lane === NO_LANE ? this.#lanes.keys() : [from.lane]) {
      const next = this.#lanes[lane]![from.taken[lane]!]?.bytes
      if (!next) continue
      const count = Math.min(next.length - from.offset, bytes.length)
      if (!isAlike(next, from.offset, bytes, count)) continue
      const whole = from.offset + count === next.length
      const taken = whole ? from.taken.with(lane, from.taken[lane]! + 1) : from.taken
      const to: Position = whole ? { taken, lane: NO_LANE, offset: 0 } : { taken, lane, offset: from.offset + count }
      this.#advance(to, bytes.subarray(count), found)
    }
  }

  #sort(): void {
    const { owed } = this.#account
    for (; this.#sorted < owed.length; this.#sorted++) {
      const delivery = owed[this.#sorted]!
      this.#lanes[this.#ordered ? 0 : (delivery.from ?? this.#lanes.length - 1)]!.push(delivery)
    }
  }

  #mismatch(bytes: Uint8Array): Violation {
    const next = this.missing()
    const expected = next ? nameOf(next) : 'nothing'
    return {
      clause: 'delivery',
      message: `client ${this.#account.index} received ${dump(bytes)}, expected ${expected}`,
    }
  }
}

export function isAlike(owed: Uint8Array, offset: number, bytes: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (owed[offset + i] !== bytes[i]) return false
  return true
}
