// Where books go wrong: what the conformance gate of github.com/flash1-dev/matching-engine-benchmark probes, in messages of our
// own. Each is done to the book, to its mirror image and to the naive one, and the book at rest is compared after each message.
import { describe, expect, test } from 'vitest'
import { Comparison } from '../bench/random-operations.ts'
import type { Operation } from '../bench/random-operations.ts'
import { BUY, PRICE_MAX, SELL } from '../src/index.ts'
import type { Book } from '../src/index.ts'

const LIMITS = { ordersMax: 1001, levelsMax: 16 }

/** `B1 10@100` buys, `S1` sells, with `!` at once or not at all; `R1 5@100` replaces, `R1>2` with another id; `C1` cancels. */
function operationIn(message: string): Operation {
  const [, verb = '', id = '0', next, now, shares = '0', price = '1'] =
    /^([BSRC])(\d+)(?:>(\d+))?(!)?(?: (\d+)@(\d+))?$/.exec(message) ?? []
  return {
    kind: verb === 'R' ? 'replace' : verb === 'C' ? 'reduce' : 'enter',
    id: Number(id),
    next: Number(next ?? id),
    side: verb === 'S' ? SELL : BUY,
    price: Number(price),
    shares: Number(shares),
    rests: !now,
  }
}

/** `1x2 10@100`: order 2 met order 1. */
function matchesIn(said: string): string[] {
  const matches = said.matchAll(/matched (\d+) (\d+) at (\d+): (\d+)/g)
  return Array.from(matches, ([, maker, taker, price, shares]) => `${maker}x${taker} ${shares}@${price}`)
}

function resting(book: Book): string {
  const shown = ([letter, side]: readonly ['B' | 'S', typeof BUY | typeof SELL]): string[] =>
    Array.from(book.resting(side), ({ id, shares, price }) => `${letter}${id} ${shares}@${price}`)
  return (
    [
      ['B', BUY],
      ['S', SELL],
    ] as const
  )
    .flatMap(shown)
    .join(', ')
}

const THREE = 'S1 10@101, S2 10@101, S3 10@101'

describe.each<readonly [invariant: string, messages: string, matches: string, rest: string]>([
  ['a cancel in the middle loses nobody behind it', `${THREE}, C2, B4 20@101`, '1x4 10@101, 3x4 10@101', ''],
  ['nor does one at the head', `${THREE}, C1, B4 20@101`, '2x4 10@101, 3x4 10@101', ''],
  [
    'nor one at the tail who comes next',
    `${THREE}, C3, S5 10@101, B4 30@101`,
    '1x4 10@101, 2x4 10@101, 5x4 10@101',
    '',
  ],
  [
    'nor several in a deep queue',
    `${THREE}, S4 10@101, S5 10@101, S6 10@101, C2, C5, C4, B7 25@101`,
    '1x7 10@101, 3x7 10@101, 6x7 5@101',
    'S6 5@101',
  ],
  ['cancelled in any order, a queue is gone', `${THREE}, C2, C3, C1, B4 5@101`, '', 'B4 5@101'],
  ['the best price goes with its last order', 'B1 10@100, B2 10@99, C1', '', 'B2 10@99'],
  ['nobody trades at a price that is gone', 'B1 10@100, C1, S2 5@100', '', 'S2 5@100'],
  ['a price comes back', 'B1 10@100, C1, B2 4@100, S3 4@100', '2x3 4@100', ''],
  ['a cancel behind the best leaves the best', 'S1 5@101, S2 5@102, C2, B3 5@102', '1x3 5@101', ''],
  [
    'a sweep goes from the best price on',
    'S1 10@103, S2 10@101, S3 10@102, B4! 25@103',
    '2x4 10@101, 3x4 10@102, 1x4 5@103',
    'S1 5@103',
  ],
  ['an exact sweep leaves nothing', 'S1 10@101, S2 10@102, S3 1@103, B4 20@102', '1x4 10@101, 2x4 10@102', 'S3 1@103'],
  ['an exact match touches nobody behind', 'S1 10@101, S2 10@101, B3 10@101', '1x3 10@101', 'S2 10@101'],
  ['what is left is the best', 'S1 10@101, S2 9@103, B3 15@101, S4 5@101', '1x3 10@101, 3x4 5@101', 'S2 9@103'],
  [
    'a sweep stops at its own price',
    'S1 5@101, S2 5@102, S3 5@103, B4 20@102',
    '1x4 5@101, 2x4 5@102',
    'B4 10@102, S3 5@103',
  ],
  ['a price that only touches matches', 'S1 5@101, B2 5@101', '1x2 5@101', ''],
  ['one tick away does not', 'S1 5@101, B2 5@100', '', 'B2 5@100, S1 5@101'],
  ["a match is at the maker's price", 'S1 10@101, B2 10@109', '1x2 10@101', ''],
  ['a replacement that crosses matches', 'S1 10@101, B2 10@99, R2 10@101', '1x2 10@101', ''],
  ["at the maker's price", 'S1 10@101, B2 10@99, R2 10@105', '1x2 10@101', ''],
  ['and rests with what is left', 'S1 4@101, B2 10@99, R2>3 10@102', '1x3 4@101', 'B3 6@102'],
  ['its neighbour stays', 'B1 10@100, B2 10@100, R1 10@99, S3 20@99', '2x3 10@100, 1x3 10@99', ''],
  ['an order leaves its price and comes back', 'B1 10@100, R1 10@99, R1 10@100, S2 10@100', '1x2 10@100', ''],
  ['a part that was filled is not cancelled', 'S1 10@101, B2 4@101, C1, B3 6@101', '1x2 4@101', 'B3 6@101'],
  ['the other part can be replaced', 'S1 10@101, B2 4@101, R1 6@102, B3 6@102', '1x2 4@101, 1x3 6@102', ''],
  ['a filled maker cannot be cancelled', 'S1 10@101, B2 10@101, C1, S3 2@101', '1x2 10@101', 'S3 2@101'],
  ['nor replaced', 'S1 10@101, B2 10@101, R1 5@101', '1x2 10@101', ''],
  ['nor a filled taker', 'S1 10@101, B2 10@101, C2, R2 5@101', '1x2 10@101', ''],
  ['an id is free after a cancel', 'S1 5@101, C1, S1 7@102, B2 7@102', '1x2 7@102', ''],
  ['and after both sides of a match', 'S1 5@101, B2 5@101, S1 6@103, B2 6@103', '1x2 5@101, 1x2 6@103', ''],
  ['and after one that may not rest', 'B1! 5@100, B1 5@99, S2 5@99', '1x2 5@99', ''],
  ['an id in use stays as it is', 'S1 5@101, S2 5@101, S1 9@99, R1>2 5@102', '', 'S1 5@101, S2 5@101'],
  ['what may not rest does not', 'S1 4@101, B2! 10@101, S3 6@101', '1x2 4@101', 'S3 6@101'],
  ['nobody knows an id that never was', 'C7, R8 5@100, B1 5@100', '', 'B1 5@100'],
  [
    'a maker keeps its place between takers',
    'S1 9@101, S2 9@101, B3 3@101, B4 8@101',
    '1x3 3@101, 1x4 6@101, 2x4 2@101',
    'S2 7@101',
  ],
  [
    'the largest price is one',
    `B1 5@${PRICE_MAX}, S2 3@1, S3 3@${PRICE_MAX}`,
    `1x2 3@${PRICE_MAX}, 1x3 2@${PRICE_MAX}`,
    `S3 1@${PRICE_MAX}`,
  ],
])('%s', (_, messages, matches, rest) => {
  test(messages, () => {
    const comparison = new Comparison(LIMITS)
    const said: string[] = []
    for (const message of messages.split(', ')) {
      said.push(...matchesIn(comparison.apply(operationIn(message))))
      comparison.audit()
    }
    expect([said.join(', '), resting(comparison.book)]).toEqual([matches, rest])
  })
})

test('one order fills 1,000 of one price, the first of them first', () => {
  const comparison = new Comparison(LIMITS)
  for (let id = 1; id <= 1000; id++) comparison.apply(operationIn(`S${id} 1@101`))
  const matches = matchesIn(comparison.apply(operationIn('B1001 1001@101')))
  expect(matches).toEqual(Array.from({ length: 1000 }, (_each, index) => `${index + 1}x1001 1@101`))
  comparison.audit()
})
