/**
 * OUCH 4.2, as far as an exchange of limit orders needs it: three commands in, five messages out. Numbers are big-endian, a price
 * is in ten-thousandths, a time is in nanoseconds since midnight (UTC).
 */
import { copyBytes, writeAscii } from './packets.ts'

export const TOKEN_BYTES = 14
export const STOCK_BYTES = 8

export const ENTER = 0x4f
export const REPLACE = 0x55
export const CANCEL = 0x58
/** The length of each command, its type included. */
export const COMMAND_BYTES: ReadonlyMap<number, number> = new Map([
  [ENTER, 49],
  [REPLACE, 47],
  [CANCEL, 19],
])

/** Where the fields of a command begin, from its type on. */
export const ENTER_AT = {
  token: 1,
  side: 15,
  shares: 16,
  stock: 20,
  price: 28,
  timeInForce: 32,
  firm: 36,
  display: 40,
  capacity: 41,
  sweep: 42,
  minimum: 43,
  cross: 47,
} as const
export const REPLACE_AT = {
  existing: 1,
  token: 15,
  shares: 29,
  price: 33,
  timeInForce: 37,
  display: 41,
  sweep: 42,
  minimum: 43,
} as const
export const CANCEL_AT = { token: 1, shares: 15 } as const

export const SIDES = { buy: 0x42, sell: 0x53, sellShort: 0x54, sellShortExempt: 0x45 } as const
export const IMMEDIATE_OR_CANCEL = 0
/** Until the market or the system closes: here both end with the day. */
export const DAY: readonly number[] = [99_998, 99_999]
export const SHARES_MAX = 999_999
/** $199,999.99: the largest price of an order. */
export const PRICE_MAX = 1_999_999_900
export const DISPLAYED = 0x59

/** `disconnected` is told as *supervisory*: OUCH has no word for it. */
export type CancelReason = 'user' | 'immediate' | 'disconnected' | 'self-match'
const CANCEL_REASONS: Readonly<Record<CancelReason, number>> = {
  user: 0x55,
  immediate: 0x49,
  disconnected: 0x53,
  'self-match': 0x51,
}

export type RejectReason =
  | 'closed'
  | 'invalid-display'
  | 'invalid-minimum'
  | 'invalid-stock'
  | 'invalid-price'
  | 'invalid-shares'
  | 'other'
const REJECT_REASONS: Readonly<Record<RejectReason, number>> = {
  closed: 0x43,
  'invalid-display': 0x44,
  'invalid-minimum': 0x4e,
  'invalid-stock': 0x53,
  'invalid-price': 0x58,
  'invalid-shares': 0x5a,
  other: 0x4f,
}

export type Liquidity = 'added' | 'removed'

const LONGEST_MESSAGE = 80
const NS_A_MS = 1_000_000
const DAY_MS = 86_400_000
const HIGH = 2 ** 32
const NO_BBO_WEIGHT = 0x20

/** What a command says of an order, where it stands. */
export interface OrderFields {
  readonly bytes: Uint8Array
  readonly start: number
}

/** Writes one message at a time into the same memory: use it before the next one. */
export class MessageWriter {
  readonly bytes: Uint8Array = new Uint8Array(LONGEST_MESSAGE)
  readonly #view = new DataView(this.bytes.buffer)

  /** Returns the message's length, as all of these do. */
  accepted(timeMs: number, { bytes, start }: OrderFields, number: number, live: boolean): number {
    this.#begin(0x41, timeMs)
    copyBytes(bytes, start + ENTER_AT.token, start + ENTER_AT.display + 1, this.bytes, 9) // Token to display.
    this.#number(49, number)
    copyBytes(bytes, start + ENTER_AT.capacity, start + ENTER_AT.cross + 1, this.bytes, 57) // Capacity to cross type.
    this.bytes[64] = live ? 0x4c : 0x44
    this.bytes[65] = NO_BBO_WEIGHT
    return 66
  }

  replaced(
    timeMs: number,
    replace: OrderFields,
    original: OriginalOrder,
    number: number,
    shares: number,
    live: boolean,
  ): number {
    const { bytes, start } = replace
    this.#begin(0x55, timeMs)
    copyBytes(bytes, start + REPLACE_AT.token, start + REPLACE_AT.token + TOKEN_BYTES, this.bytes, 9)
    this.bytes[23] = original.side
    this.#view.setUint32(24, shares)
    writeAscii(this.bytes, 28, original.stock.padEnd(STOCK_BYTES))
    copyBytes(bytes, start + REPLACE_AT.price, start + REPLACE_AT.timeInForce + 4, this.bytes, 36)
    this.#view.setUint32(44, original.firm)
    this.bytes[48] = bytes[start + REPLACE_AT.display] ?? DISPLAYED
    this.#number(49, number)
    this.bytes[57] = original.capacity
    copyBytes(bytes, start + REPLACE_AT.sweep, start + REPLACE_AT.minimum + 4, this.bytes, 58)
    this.bytes[63] = original.cross
    this.bytes[64] = live ? 0x4c : 0x44
    copyBytes(bytes, start + REPLACE_AT.existing, start + REPLACE_AT.existing + TOKEN_BYTES, this.bytes, 65)
    this.bytes[79] = NO_BBO_WEIGHT
    return 80
  }

  canceled(timeMs: number, token: TokenWords, shares: number, why: CancelReason): number {
    this.#begin(0x43, timeMs)
    this.#token(token)
    this.#view.setUint32(23, shares)
    this.bytes[27] = CANCEL_REASONS[why]
    return 28
  }

  executed(
    timeMs: number,
    token: TokenWords,
    shares: number,
    price: number,
    liquidity: Liquidity,
    match: number,
  ): number {
    this.#begin(0x45, timeMs)
    this.#token(token)
    this.#view.setUint32(23, shares)
    this.#view.setUint32(27, price)
    this.bytes[31] = liquidity === 'added' ? 0x41 : 0x52
    this.#number(32, match)
    return 40
  }

  rejected(timeMs: number, bytes: Uint8Array, tokenAt: number, why: RejectReason): number {
    this.#begin(0x4a, timeMs)
    copyBytes(bytes, tokenAt, tokenAt + TOKEN_BYTES, this.bytes, 9)
    this.bytes[23] = REJECT_REASONS[why]
    return 24
  }

  #begin(type: number, timeMs: number): void {
    this.bytes[0] = type
    this.#number(1, Math.round((timeMs % DAY_MS) * NS_A_MS))
  }

  #token({ words, at }: TokenWords): void {
    for (let word = 0; word < 3; word++) this.#view.setInt32(9 + 4 * word, words[at + word] ?? 0)
    this.#view.setUint16(21, ((words[at + 3] ?? 0) >>> 16) & 0xffff)
  }

  #number(at: number, value: number): void {
    this.#view.setUint32(at, Math.floor(value / HIGH))
    this.#view.setUint32(at + 4, value % HIGH)
  }
}

/** A token as four words, the last one's lower half empty. */
export interface TokenWords {
  readonly words: Int32Array
  readonly at: number
}

export interface OriginalOrder {
  readonly side: number
  readonly stock: string
  readonly firm: number
  readonly capacity: number
  readonly cross: number
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x1000000 + (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  )
}

/** The four bytes as one word of 32 bits, signed. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
}
