/**
 * An exchange: clients log in over SoupBinTCP, send OUCH commands to one book a symbol, and each reads its account's stream.
 *
 * exchange.ts       sessions and time: the protocol; begin here
 * engine.ts         commands in, messages into the accounts' streams: the whole state, and deterministic
 * book.ts           one symbol's open orders, matched by price, then by time; levels.ts and int32.ts carry it
 * stream.ts         what one account was told
 * order-records.ts  every order of the day by its token
 * packets.ts        SoupBinTCP; ouch.ts: the commands and messages in it; feed.ts: the best prices for watchers
 * audit.ts          whether the streams and the books add up
 * journal.ts        what a journal of commands must do, and what a record says; snapshot.ts: the state as bytes
 */
export { Account, NAME_BYTES } from './accounts.ts'
export type { AccountOptions } from './accounts.ts'
export { auditOf } from './audit.ts'
export type { AccountAudit, Audit } from './audit.ts'
export { BOOK_LIMITS, Book, PRICE_MAX } from './book.ts'
export type { BookLimits, Entered, Matches, RestingOrder, SelfTrade } from './book.ts'
export { Engine } from './engine.ts'
export type { EngineOptions } from './engine.ts'
export { DEFAULT_LIMITS, Exchange, LIMIT_NAMES, RANGES } from './exchange.ts'
export type { ExchangeLimits, ExchangeOptions } from './exchange.ts'
export { NONE } from './int32.ts'
export type { CommandJournal, JournalFigures, JournalRecord } from './journal.ts'
export { endsDay, recordOf } from './journal.ts'
export { BUY, SELL } from './levels.ts'
export type { Side } from './levels.ts'
