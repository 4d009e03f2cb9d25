import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { encodeMessage } from '@switchyard/protocols/router'
import { Book } from './books.ts'
import type { Cluster, ClusterNode } from './cluster.ts'

const BETWEEN_BURSTS_MS = 10
const CONNECT_MS = 10_000

/** One sender and one receiver, on two nodes or on one; nobody else sends to that receiver. */
class Way {
  readonly book: Book
  readonly #sender: Socket
  readonly #receiver: Socket
  readonly receiverId: number
  readonly senderId: number
  gapMs = 0
  #heardAt = Number.POSITIVE_INFINITY
  #rest = ''

  constructor(book: Book, [sender, senderId]: Client, [receiver, receiverId]: Client) {
    this.book = book
    this.#sender = sender
    this.#receiver = receiver
    this.senderId = senderId
    this.receiverId = receiverId
    receiver.setEncoding('latin1')
    receiver.on('data', (text: string) => {
      const now = performance.now()
      this.gapMs = Math.max(this.gapMs, now - this.#heardAt)
      this.#heardAt = now
      const parts = `${this.#rest}${text}`.split('\0')
      this.#rest = parts.pop() ?? ''
      for (const body of parts) book.hear(body)
    })
    for (const socket of [sender, receiver]) socket.on('close', () => (book.ended = true))
    receiver.resume()
  }

  /** Nothing while the node does not read: then the sender's own memory would fill. */
  burst(count: number): void {
    if (this.book.ended || this.#sender.writableNeedDrain) return
    const messages = Array.from({ length: count }, () => encodeMessage(this.receiverId, Buffer.from(this.book.next())))
    this.#sender.write(Buffer.concat(messages))
  }

  destroy(): void {
    for (const socket of [this.#sender, this.#receiver]) socket.destroy()
  }
}

export type Client = readonly [socket: Socket, id: number]

/** The traffic of one run: a way from each node to each other one, and their books. */
export class Talk implements Disposable {
  readonly #cluster: Cluster
  readonly #seed: number
  readonly #burst: number
  #ways: Way[] = []
  readonly books: Book[] = []
  readonly ids: number[] = []
  #gapMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(cluster: Cluster, seed: number, burst: number) {
    this.#cluster = cluster
    this.#seed = seed
    this.#burst = burst
  }

  /** Opens those ways that there are not, or not any more. */
  async open(): Promise<void> {
    this.#gapMs = this.gapMs
    this.#ways = this.#ways.filter(({ book }) => !book.ended)
    for (const from of this.#cluster.nodes) {
      for (const to of this.#cluster.nodes) {
        if (from === to || this.#ways.some(({ book }) => book.from === from.number && book.to === to.number)) continue
        const [sender, receiver] = [await clientOf(from), await clientOf(to)]
        this.ids.push(sender[1], receiver[1])
        const book = new Book(from.number, to.number, `${this.#seed}-${this.books.length}`)
        this.books.push(book)
        this.#ways.push(new Way(book, sender, receiver))
      }
    }
    this.#timer ??= setInterval(() => {
      for (const way of this.#ways) way.burst(this.#burst)
    }, BETWEEN_BURSTS_MS)
  }

  /** The longest time in which a receiver heard nothing. */
  get gapMs(): number {
    return Math.max(this.#gapMs, ...this.#ways.map(({ gapMs }) => gapMs))
  }

  quiet(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** What the nodes tell of this run's messages, into the books. */
  async ask(): Promise<void> {
    const states = await Promise.all(this.#cluster.nodes.map((node) => this.#cluster.statusOf(node)))
    for (const { book, receiverId } of this.#ways) {
      book.reported = states.reduce((sum, { lossesOf }) => {
        const counts = lossesOf[String(receiverId)]
        return sum + (counts ? Object.values(counts).reduce((total, count) => total + count, 0) : 0)
      }, 0)
    }
  }

  [Symbol.dispose](): void {
    this.quiet()
    for (const way of this.#ways) way.destroy()
  }
}

/** One that has its id. It is read from once somebody resumes it. */
export function clientOf({ port }: ClusterNode): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error(`no id within ${CONNECT_MS} ms`)), CONNECT_MS)
    socket.on('error', reject)
    socket.on('readable', function hear() {
      const id: unknown = socket.read(4)
      if (!Buffer.isBuffer(id)) return
      clearTimeout(timer)
      socket.off('readable', hear)
      resolve([socket, id.readUInt32BE(0)])
    })
  })
}
