import { BUY } from '../src/index.ts'
import type { Entered, Matches, RestingOrder, Side } from '../src/index.ts'

interface Order extends RestingOrder {
  readonly side: Side
  shares: number
}

/** The oracle: orders in a list, in the order in which they came; each match looks through the whole list for the best. */
export class NaiveBook {
  readonly #matches: Matches
  #orders: Order[] = []

  constructor(matches: Matches) {
    this.#matches = matches
  }

  enter(id: number, owner: number, side: Side, price: number, shares: number, rests: boolean): Entered {
    if (this.find(id)) return 'known-id'
    const taker: Order = { id, owner, side, price, shares }
    for (let maker = this.#best(taker); maker && taker.shares > 0; maker = this.#best(taker)) {
      const matched = Math.min(maker.shares, taker.shares)
      maker.shares -= matched
      taker.shares -= matched
      this.#orders = this.#orders.filter((order) => order.shares > 0)
      this.#matches.matched(maker.id, id, maker.price, matched, maker.shares)
    }
    if (taker.shares === 0) return 'filled'
    if (!rests) return 'cancelled'
    this.#orders.push(taker)
    return 'resting'
  }

  replace(old: Order, id: number, price: number, shares: number, rests: boolean): Entered {
    if (id !== old.id && this.find(id)) return 'known-id'
    if (rests && price === old.price && shares <= old.shares) {
      this.#orders = this.#orders.map((order) => (order === old ? { ...old, id, shares } : order))
      return 'resting'
    }
    this.reduce(old, 0)
    return this.enter(id, old.owner, old.side, price, shares, rests)
  }

  reduce(order: Order, shares: number): number {
    const taken = Math.max(0, order.shares - shares)
    order.shares -= taken
    this.#orders = this.#orders.filter((one) => one.shares > 0)
    return taken
  }

  find(id: number): Order | undefined {
    return this.#orders.find((order) => order.id === id)
  }

  /** A side's orders, the next to be matched first. */
  resting(side: Side): RestingOrder[] {
    const orders = this.#orders.filter((order) => order.side === side)
    return orders
      .toSorted((one, other) => (isBetter(one, other) ? -1 : isBetter(other, one) ? 1 : 0))
      .map(({ id, owner, price, shares }) => ({ id, owner, price, shares }))
  }

  /** The order that the taker meets next. */
  #best(taker: Order): Order | undefined {
    let best: Order | undefined
    for (const order of this.#orders) {
      const crosses = taker.side === BUY ? order.price <= taker.price : order.price >= taker.price
      if (order.side === taker.side || !crosses) continue
      if (!best || isBetter(order, best)) best = order
    }
    return best
  }
}

function isBetter(one: Order, other: Order): boolean {
  return one.side === BUY ? one.price > other.price : one.price < other.price
}
