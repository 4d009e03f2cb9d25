import { Random } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { compareRandomOperations } from '../bench/random-operations.ts'
import { Book, BOOK_LIMITS, BUY, NONE, SELL } from '../src/index.ts'
import type { BookLimits, Matches, SelfTrade, Side } from '../src/index.ts'

interface Said extends Matches {
  readonly lines: string[]
}

/** A book and what it says. */
function start(limits: BookLimits = BOOK_LIMITS, selfTrade: SelfTrade = 'allowed'): { book: Book; said: Said } {
  const lines: string[] = []
  const said: Said = {
    lines,
    matched: (maker, taker, price, shares, left) => lines.push(`${maker} ${taker} ${shares}@${price} ${left}`),
    prevented: (maker, price, shares) => lines.push(`prevented ${maker} ${shares}@${price}`),
  }
  return { book: new Book(said, limits, selfTrade), said }
}

function ids(book: Book, side: Side): number[] {
  return Array.from(book.resting(side), ({ id }) => id)
}

test('random operations on both sides of the mirror equal those on a naive book', () => {
  for (let seed = 1; seed <= 4; seed++) expect(compareRandomOperations(new Random(seed), 5000)).toBeGreaterThan(1000)
})

describe('matching', () => {
  test("goes by price, then by time, at the maker's price, down to the taker's limit", () => {
    const { book, said } = start()
    book.enter(1, 1, SELL, 102, 10, true)
    book.enter(2, 1, SELL, 101, 10, true)
    book.enter(3, 1, SELL, 101, 10, true)
    book.enter(4, 1, SELL, 103, 10, true)
    expect(book.enter(5, 2, BUY, 102, 35, true)).toBe('resting')
    expect(said.lines).toEqual(['2 5 10@101 0', '3 5 10@101 0', '1 5 10@102 0'])
    expect([book.best(BUY), book.depth(BUY, 102), book.best(SELL)]).toEqual([102, 5, 103])
  })

  test('immediate-or-cancel never rests', () => {
    const { book, said } = start()
    book.enter(1, 1, SELL, 101, 10, true)
    expect(book.enter(2, 2, BUY, 101, 12, false)).toBe('cancelled')
    expect(said.lines).toEqual(['1 2 10@101 0'])
    expect([book.count, book.best(BUY)]).toEqual([0, NONE])
  })

  test('a sweep goes through 5,000 prices', () => {
    const { book, said } = start()
    for (let price = 1; price <= 5000; price++) book.enter(price, 1, SELL, price, 1, true)
    expect(book.enter(5001, 2, BUY, 5000, 5000, true)).toBe('filled')
    expect([said.lines.length, book.count]).toEqual([5000, 0])
  })
})

test('a slot that is used after its order has left is an error, and changes nothing', () => {
  const { book } = start()
  for (const id of [1, 2]) book.enter(id, 1, BUY, 100, 10, true)
  const slot = book.find(1)
  book.reduce(slot, 0)
  expect(() => book.reduce(slot, 0)).toThrow(`slot ${slot} is no open order's: order 1 has left the book`)
  expect(() => book.replace(slot, 3, 101, 10, true)).toThrow(`slot ${slot}`)
  expect([ids(book, BUY), book.count, book.depth(BUY, 100), book.best(BUY)]).toEqual([[2], 1, 10, 100])
})

describe('replace', () => {
  test('keeps the place in the queue if it only reduces', () => {
    const { book } = start()
    for (const id of [1, 2]) book.enter(id, 1, BUY, 100, 10, true)
    expect(book.replace(book.find(1), 9, 100, 10, true)).toBe('resting')
    expect(book.replace(book.find(9), 8, 100, 4, true)).toBe('resting')
    expect([ids(book, BUY), book.depth(BUY, 100)]).toEqual([[8, 2], 14])
    expect([book.find(1), book.find(9)]).toEqual([NONE, NONE])
  })

  test.each([
    ['more shares', 100, 11],
    ['another price', 101, 10],
  ])('goes to the end of the queue for %s', (_, price, shares) => {
    const { book } = start()
    for (const id of [1, 2]) book.enter(id, 1, BUY, 100, 10, true)
    book.enter(3, 1, BUY, price, 10, true)
    expect(book.replace(book.find(1), 1, price, shares, true)).toBe('resting')
    expect(ids(book, BUY).indexOf(1)).toBeGreaterThan(ids(book, BUY).indexOf(3))
  })

  test('an id in use is refused, and nothing changes', () => {
    const { book } = start()
    for (const id of [1, 2]) book.enter(id, 1, BUY, 100, 10, true)
    expect(book.replace(book.find(1), 2, 101, 10, true)).toBe('known-id')
    expect(ids(book, BUY)).toEqual([1, 2])
  })
})

describe('an order of the same owner', () => {
  test('is cancelled by choice, and the taker goes on', () => {
    const { book, said } = start(BOOK_LIMITS, 'cancel-resting')
    book.enter(1, 7, SELL, 100, 5, true)
    book.enter(2, 8, SELL, 100, 5, true)
    expect(book.enter(3, 7, BUY, 100, 5, true)).toBe('filled')
    expect(said.lines).toEqual(['prevented 1 5@100', '2 3 5@100 0'])
  })

  test('cancels the taker by choice, and stays', () => {
    const { book, said } = start(BOOK_LIMITS, 'cancel-incoming')
    book.enter(1, 7, SELL, 100, 5, true)
    expect(book.enter(3, 7, BUY, 100, 5, true)).toBe('cancelled')
    expect([said.lines, ids(book, SELL), ids(book, BUY)]).toEqual([[], [1], []])
  })
})

describe('limits', () => {
  test('one price too many is refused, an old one is not', () => {
    const { book } = start({ ordersMax: 10, levelsMax: 2 })
    for (const price of [1, 2]) book.enter(price, 1, BUY, price, 1, true)
    expect(book.enter(3, 1, BUY, 3, 1, true)).toBe('too-many-levels')
    expect(book.enter(3, 1, BUY, 2, 1, true)).toBe('resting')
    expect(book.replace(book.find(3), 3, 5, 1, true)).toBe('too-many-levels')
    expect(book.enter(4, 1, BUY, 3, 1, false)).toBe('cancelled')
    expect(ids(book, BUY)).toEqual([2, 3, 1])
  })

  test('one order too many is refused until another one leaves', () => {
    const { book } = start({ ordersMax: 2, levelsMax: 2 })
    for (const id of [1, 2]) book.enter(id, 1, BUY, 5, 1, true)
    expect(book.enter(3, 1, BUY, 5, 1, true)).toBe('too-many-orders')
    expect(book.reduce(book.find(1), 0)).toBe(1)
    expect(book.enter(3, 1, BUY, 5, 1, true)).toBe('resting')
  })

  test('what is no order throws, and so do limits that are none', () => {
    const { book } = start()
    expect(() => book.enter(1, 1, BUY, 0, 1, true)).toThrow('no order: id 1, price 0, shares 1')
    expect(() => book.enter(1, 1, BUY, 1, 0, true)).toThrow(RangeError)
    expect(() => start({ ordersMax: 0, levelsMax: 1 })).toThrow('ordersMax is a whole number')
  })
})
