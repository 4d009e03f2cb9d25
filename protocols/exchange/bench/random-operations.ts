import type { Random } from '@switchyard/core'
import { Book, BUY, NONE, SELL } from '../src/index.ts'
import type { BookLimits, Matches, RestingOrder, Side } from '../src/index.ts'
import { NaiveBook } from './naive-book.ts'

/** How many operations between two comparisons of the whole book. */
const AUDIT_EVERY = 64
const IDS = 400
/** Ids are this far apart, so that many share a chain of the book. */
const ID_STEP = 64
/** A price's mirror image is `MIRROR - price`. */
const MIRROR = 2 ** 31 - 1

/** What a matcher said, one line for each fact. */
class Said implements Matches {
  readonly #mirrored: boolean
  lines: string[] = []

  constructor(mirrored = false) {
    this.#mirrored = mirrored
  }

  matched(maker: number, taker: number, price: number, shares: number, makerShares: number): void {
    this.lines.push(`matched ${maker} ${taker} at ${this.#seen(price)}: ${shares}, ${makerShares} left`)
  }

  prevented(maker: number, price: number, shares: number): void {
    this.lines.push(`prevented ${maker} at ${this.#seen(price)}: ${shares}`)
  }

  take(): string {
    const said = this.lines.join('\n')
    this.lines = []
    return said
  }

  #seen(price: number): number {
    return this.#mirrored ? MIRROR - price : price
  }
}

/**
 * A book, the naive one, and a book on the other side of the mirror, where buyers sell: the same operations are done to all
 * three.
 */
export class Comparison {
  readonly #said = [new Said(), new Said(), new Said(true)] as const
  readonly book: Book
  readonly #naive: NaiveBook
  readonly #mirrored: Book

  constructor(limits: BookLimits) {
    const [said, naiveSaid, mirroredSaid] = this.#said
    this.book = new Book(said, limits)
    this.#naive = new NaiveBook(naiveSaid)
    this.#mirrored = new Book(mirroredSaid, limits)
  }

  /** Returns what all three say, one line for each fact, and throws if they differ. */
  apply(operation: Operation): string {
    const [said, naiveSaid, mirroredSaid] = this.#said
    const { id, side, price, shares } = operation
    said.lines.push(apply(this.book, operation))
    const mirrored: Operation = { ...operation, side: side === BUY ? SELL : BUY, price: MIRROR - price }
    mirroredSaid.lines.push(apply(this.#mirrored, mirrored))
    const open = this.#naive.find(id)
    if (operation.kind === 'enter') naiveSaid.lines.push(this.#naive.enter(id, 1, side, price, shares, operation.rests))
    else if (!open) naiveSaid.lines.push('unknown')
    else if (operation.kind === 'reduce') naiveSaid.lines.push(`reduced by ${this.#naive.reduce(open, shares)}`)
    else naiveSaid.lines.push(this.#naive.replace(open, operation.next, price, shares, operation.rests))
    const expected = naiveSaid.take()
    for (const [name, actual] of [
      ['the book', said.take()],
      ['its mirror image', mirroredSaid.take()],
    ]) {
      if (actual !== expected) throw new Error(`${JSON.stringify(operation)}: ${name} says ${actual}, not ${expected}`)
    }
    return expected
  }

  /** Throws if the book, or what it says of itself, is crossed or differs from the naive one. */
  audit(): void {
    audit(this.book, this.#naive)
  }
}

/** Does random operations to a `Comparison`, and throws at the first difference. Returns the number of matches. */
export function compareRandomOperations(random: Random, operations: number): number {
  const comparison = new Comparison({ ordersMax: IDS, levelsMax: IDS })
  let matches = 0
  for (let done = 0; done < operations; done++) {
    try {
      matches += comparison.apply(randomOperation(random)).split('matched').length - 1
      if (done % AUDIT_EVERY === 0) comparison.audit()
    } catch (error) {
      throw new Error(`seed ${random.seed}, operation ${done}`, { cause: error })
    }
  }
  return matches
}

export interface Operation {
  readonly kind: 'enter' | 'replace' | 'reduce'
  readonly id: number
  readonly next: number
  readonly side: Side
  readonly price: number
  readonly shares: number
  readonly rests: boolean
}

/** Few ids and few prices, so that every kind of meeting is common. */
function randomOperation(random: Random): Operation {
  const kind = random.below(10)
  return {
    kind: kind < 6 ? 'enter' : kind < 8 ? 'replace' : 'reduce',
    id: ID_STEP * random.below(IDS),
    next: ID_STEP * random.below(IDS),
    side: random.below(2) === 0 ? BUY : SELL,
    price: 1000 + random.below(40),
    shares: kind === 9 ? 0 : 1 + random.below(100),
    rests: random.below(5) > 0,
  }
}

function apply(book: Book, { kind, id, next, side, price, shares, rests }: Operation): string {
  if (kind === 'enter') return book.enter(id, 1, side, price, shares, rests)
  const slot = book.find(id)
  if (slot === NONE) return 'unknown'
  if (kind === 'reduce') return `reduced by ${book.reduce(slot, shares)}`
  return book.replace(slot, next, price, Math.max(1, shares), rests)
}

function audit(book: Book, naive: NaiveBook): void {
  for (const side of [BUY, SELL] as const) {
    const [actual, expected] = [[...book.resting(side)], naive.resting(side)]
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`side ${side} is ${shown(actual)}, not ${shown(expected)}`)
    const best = book.best(side)
    if (best !== (expected[0]?.price ?? NONE)) throw new Error(`the best price of side ${side} is ${best}`)
    const shares = expected.filter(({ price }) => price === best).reduce((sum, order) => sum + order.shares, 0)
    if (book.depth(side, best) !== shares && best !== NONE)
      throw new Error(`side ${side} has ${book.depth(side, best)} at ${best}, not ${shares}`)
  }
  const [bid, ask] = [book.best(BUY), book.best(SELL)]
  if (bid !== NONE && ask !== NONE && bid >= ask) throw new Error(`crossed, ${bid} to ${ask}`)
}

function shown(orders: readonly RestingOrder[]): string {
  return orders.map(({ id, price, shares }) => `${id}: ${shares} at ${price}`).join(', ')
}
