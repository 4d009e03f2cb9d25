import type { Random } from '@switchyard/core'
import { Book, BUY, NONE, SELL } from '../src/index.ts'
import type { Matches, RestingOrder, Side } from '../src/index.ts'
import { NaiveBook } from './naive-book.ts'

/** How many operations between two comparisons of the whole book. */
const AUDIT_EVERY = 64
const IDS = 400
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
 * Does random operations to a book, to the naive one, and to a book on the other side of the mirror, where buyers sell. Throws
 * at the first difference in what they say, and at a book that is crossed or differs at rest. Returns the number of matches.
 */
export function compareRandomOperations(random: Random, operations: number): number {
  const [said, naiveSaid, mirroredSaid] = [new Said(), new Said(), new Said(true)]
  const limits = { ordersMax: IDS, levelsMax: IDS }
  const [book, naive, mirrored] = [new Book(said, limits), new NaiveBook(naiveSaid), new Book(mirroredSaid, limits)]
  let matches = 0
  for (let done = 0; done < operations; done++) {
    const operation = randomOperation(random)
    const { id, side, price, shares } = operation
    said.lines.push(apply(book, operation))
    mirroredSaid.lines.push(apply(mirrored, { ...operation, side: side === BUY ? SELL : BUY, price: MIRROR - price }))
    const open = naive.find(id)
    if (operation.kind === 'enter') naiveSaid.lines.push(naive.enter(id, 1, side, price, shares, operation.rests))
    else if (!open) naiveSaid.lines.push('unknown')
    else if (operation.kind === 'reduce') naiveSaid.lines.push(`reduced by ${naive.reduce(open, shares)}`)
    else naiveSaid.lines.push(naive.replace(open, operation.next, price, shares, operation.rests))
    const expected = naiveSaid.take()
    for (const [name, actual] of [
      ['the book', said.take()],
      ['its mirror image', mirroredSaid.take()],
    ]) {
      if (actual === expected) continue
      throw new Error(
        `seed ${random.seed}, operation ${done}, ${JSON.stringify(operation)}: ${name} says ${actual}, not ${expected}`,
      )
    }
    matches += expected.split('matched').length - 1
    if (done % AUDIT_EVERY === 0) audit(book, naive, `seed ${random.seed}, after operation ${done}`)
  }
  return matches
}

interface Operation {
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
    id: random.below(IDS),
    next: random.below(IDS),
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

function audit(book: Book, naive: NaiveBook, when: string): void {
  for (const side of [BUY, SELL] as const) {
    const [actual, expected] = [[...book.resting(side)], naive.resting(side)]
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`${when}: side ${side} is ${shown(actual)}, not ${shown(expected)}`)
    const best = book.best(side)
    if (best !== (expected[0]?.price ?? NONE)) throw new Error(`${when}: the best price of side ${side} is ${best}`)
    const shares = expected.filter(({ price }) => price === best).reduce((sum, order) => sum + order.shares, 0)
    if (book.depth(side, best) !== shares && best !== NONE)
      throw new Error(`${when}: side ${side} has ${book.depth(side, best)} at ${best}, not ${shares}`)
  }
  const [bid, ask] = [book.best(BUY), book.best(SELL)]
  if (bid !== NONE && ask !== NONE && bid >= ask) throw new Error(`${when}: crossed, ${bid} to ${ask}`)
}

function shown(orders: readonly RestingOrder[]): string {
  return orders.map(({ id, price, shares }) => `${id}: ${shares} at ${price}`).join(', ')
}
