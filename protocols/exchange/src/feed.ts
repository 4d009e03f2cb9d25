/**
 * The best prices, for accounts that watch: not in SoupBinTCP's sequence, since only the latest counts. A message has everything,
 * so whoever missed some knows the same as everybody after the next one.
 */
import type { ClientId, Group } from '@switchyard/core'
import type { Book } from './book.ts'
import { NONE } from './int32.ts'
import { BUY, SELL } from './levels.ts'
import type { Side } from './levels.ts'
import { STOCK_BYTES } from './ouch.ts'
import { FROM_SERVER, writeAscii } from './packets.ts'

const TOP = 0x54
const BODY_BYTES = 1 + STOCK_BYTES + 2 * (4 + 8) + 4
const HEADER_BYTES = 3
const HIGH = 2 ** 32

/** Whoever watches. */
export class Watchers implements Group {
  readonly #clients = new Set<ClientId>()
  #version = 0

  get version(): number {
    return this.#version
  }

  get size(): number {
    return this.#clients.size
  }

  [Symbol.iterator](): Iterator<ClientId> {
    return this.#clients.values()
  }

  has(client: ClientId): boolean {
    return this.#clients.has(client)
  }

  add(client: ClientId): void {
    this.#clients.add(client)
    this.#version++
  }

  delete(client: ClientId): void {
    if (this.#clients.delete(client)) this.#version++
  }
}

interface BestPrice {
  /** 0: there is no order. */
  readonly price: number
  readonly shares: number
}

interface Top {
  readonly symbol: string
  readonly bid: BestPrice
  readonly ask: BestPrice
  /** Messages that were left out before this one, since the client did not read them in time. */
  readonly missed: number
}

export function topOf(symbol: string, book: Book, missed = 0): Top {
  return { symbol, bid: bestOf(book, BUY), ask: bestOf(book, SELL), missed }
}

export function encodeTop({ symbol, bid, ask, missed }: Top): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES + BODY_BYTES)
  const view = new DataView(packet.buffer)
  view.setUint16(0, 1 + BODY_BYTES)
  packet[2] = FROM_SERVER.unsequenced
  packet[HEADER_BYTES] = TOP
  writeAscii(packet, HEADER_BYTES + 1, symbol.padEnd(STOCK_BYTES))
  let at = HEADER_BYTES + 1 + STOCK_BYTES
  for (const { price, shares } of [bid, ask]) {
    view.setUint32(at, price)
    view.setUint32(at + 4, Math.floor(shares / HIGH))
    view.setUint32(at + 8, shares % HIGH)
    at += 12
  }
  view.setUint32(at, missed)
  return packet
}

function bestOf(book: Book, side: Side): BestPrice {
  const price = book.best(side)
  return price === NONE ? { price: 0, shares: 0 } : { price, shares: book.depth(side, price) }
}
