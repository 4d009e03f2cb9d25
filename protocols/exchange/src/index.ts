/**
 * The exchange: one book of orders, matched by price, then by time. `Book` is the whole state of one instrument.
 *
 * book.ts    enter, replace, reduce: begin here
 * levels.ts  one side's prices, best last, and the queue of orders at each
 * id-map.ts  where an order is, by its number
 * int32.ts   a word of an array
 */
export { BOOK_LIMITS, Book, PRICE_MAX } from './book.ts'
export type { BookLimits, Entered, Matches, RestingOrder, SelfTrade } from './book.ts'
export { NONE } from './int32.ts'
export { BUY, SELL } from './levels.ts'
export type { Side } from './levels.ts'
