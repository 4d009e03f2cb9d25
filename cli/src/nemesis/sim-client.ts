/** A client of one node in the simulation. */
import type { Random } from '@switchyard/core'
import { encodeMessage } from '@switchyard/protocols/router'
import { Link } from '@switchyard/sim'
import type { Book } from './books.ts'
import type { SimNode } from './sim-node.ts'

/** Small, so that windows fill and messages are cut. */
export const BUFFERS = { receiveBytes: 96, sendBytes: 64 } as const

export interface Violation {
  readonly clause: string
  readonly what: string
}

/** A client: what it reads, and whom it sends to. */
export class SimClient {
  readonly node: SimNode
  readonly link: Link
  readonly heard: Map<string, Book> = new Map()
  id = 0
  stalled = false
  gone = false
  #unsent: Uint8Array = new Uint8Array()
  #bytes: number[] = []
  #idBytes = 0

  constructor(node: SimNode, random: Random) {
    this.node = node
    this.link = new Link(BUFFERS, { acceptable: (space) => 1 + random.below(space), touched: () => {} })
    node.emit('connection', this.link.socket)
  }

  get isIn(): boolean {
    return this.#idBytes === 4 && !this.gone && !this.node.dead
  }

  get sending(): boolean {
    return this.#unsent.length > 0
  }

  /** The body has so many bytes, or more. */
  say(to: SimClient, book: Book, bytes: number): void {
    this.#unsent = encodeMessage(to.id, new TextEncoder().encode(`${book.next()} `.padEnd(bytes, 'x')))
    this.send()
  }

  send(): void {
    this.#unsent = this.#unsent.slice(this.link.send(this.#unsent))
  }

  read(max: number): Violation | undefined {
    for (const byte of this.link.take(max)) {
      if (this.#idBytes < 4) {
        this.id = this.id * 256 + byte
        this.#idBytes++
      } else if (byte !== 0) this.#bytes.push(byte)
      else {
        const body = new TextDecoder().decode(Uint8Array.from(this.#bytes))
        this.#bytes = []
        const book = this.heard.get(body.split(' ')[0] ?? '')
        if (!book) return { clause: 'N3.1', what: `client ${this.id} has read "${body}", which nobody sent to it` }
        book.hear(body)
      }
    }
    return undefined
  }
}
