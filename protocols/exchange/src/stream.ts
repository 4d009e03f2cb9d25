/**
 * Everything that an account was ever sent today, as SoupBinTCP packets: message 1, 2, 3 … A session is a cursor in it, so a
 * slow client is no queue: it reads later what stands here anyhow, and a login can begin anywhere.
 */
import { lengthAt, FROM_SERVER } from './packets.ts'

const FIRST_PAGE_BYTES = 1024
const PAGE_BYTES = 64 * 1024
const HEADER_BYTES = 3

interface Page {
  readonly bytes: Uint8Array
  used: number
  /** Messages that begin before this page, and in it. */
  readonly before: number
  count: number
}

/** Whole packets that lie behind each other: `bytes[start, end)`. */
export interface Segment {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly messages: number
}

/** A place between two messages of a stream. Made by `Stream.cursor`. */
export interface Cursor {
  page: number
  at: number
  /** Messages in front of it. */
  passed: number
}

export class Stream {
  readonly #pages: Page[] = []
  #count = 0
  #bytes = 0

  /** Messages. */
  get count(): number {
    return this.#count
  }

  /** Bytes of memory. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds one message. */
  append(message: Uint8Array, length: number): void {
    const size = HEADER_BYTES + length
    let page = this.#pages.at(-1)
    if (!page || page.used + size > page.bytes.length) page = this.#addPage()
    const { bytes, used } = page
    bytes[used] = (1 + length) >>> 8
    bytes[used + 1] = (1 + length) & 0xff
    bytes[used + 2] = FROM_SERVER.sequenced
    for (let index = 0; index < length; index++) bytes[used + HEADER_BYTES + index] = message[index] ?? 0
    page.used += size
    page.count++
    this.#count++
  }

  /** The place behind this many messages, which the stream has. */
  cursor(passed: number): Cursor {
    let page = this.#pages.findLastIndex(({ before }) => before <= passed)
    if (page < 0) page = 0
    const cursor: Cursor = { page, at: 0, passed: this.#pages[page]?.before ?? 0 }
    while (cursor.passed < passed) {
      cursor.at += 2 + lengthAt(this.#pages[page]?.bytes ?? EMPTY, cursor.at)
      cursor.passed++
    }
    return cursor
  }

  /** The messages behind a cursor, at most some `bytesMax` (but one at least), and moves it behind them. Undefined at the end. */
  take(cursor: Cursor, bytesMax: number): Segment | undefined {
    if (cursor.passed === this.#count) return undefined
    let page = this.#pages[cursor.page]
    if (page && cursor.at === page.used) {
      cursor.page++
      cursor.at = 0
      page = this.#pages[cursor.page]
    }
    if (!page) return undefined
    const start = cursor.at
    const before = cursor.passed
    if (page.used - start <= bytesMax) {
      cursor.at = page.used
      cursor.passed = page.before + page.count
    } else {
      do {
        cursor.at += 2 + lengthAt(page.bytes, cursor.at)
        cursor.passed++
      } while (cursor.at + 2 + lengthAt(page.bytes, cursor.at) - start <= bytesMax)
    }
    return { bytes: page.bytes, start, end: cursor.at, messages: cursor.passed - before }
  }

  /** All of it, page by page: for a snapshot, and to compare one stream with another. */
  *segments(): Generator<Segment> {
    for (const { bytes, used, count } of this.#pages) yield { bytes, start: 0, end: used, messages: count }
  }

  #addPage(): Page {
    const size = Math.min(PAGE_BYTES, FIRST_PAGE_BYTES * 2 ** this.#pages.length)
    const page: Page = { bytes: new Uint8Array(size), used: 0, before: this.#count, count: 0 }
    this.#pages.push(page)
    this.#bytes += size
    return page
  }
}

const EMPTY = new Uint8Array(0)
