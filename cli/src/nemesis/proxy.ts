import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import type { Random } from '@switchyard/core'

/** What becomes of publishes to other nodes, of a thousand. */
export interface Rates {
  readonly dropped: number
  readonly doubled: number
  readonly delayMs: number
}

const NEWLINE = 10
const CALM: Rates = { dropped: 0, doubled: 0, delayMs: 0 }

/** Stands between one node and a broker: parts them, cuts them off, and drops, doubles or delays what the node publishes. */
export class BrokerProxy implements AsyncDisposable {
  rates: Rates = CALM
  readonly #server: Server
  readonly #brokerPort: number
  readonly #random: Random
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #parted = false

  private constructor(server: Server, brokerPort: number, random: Random) {
    this.#server = server
    this.#brokerPort = brokerPort
    this.#random = random
    server.on('connection', (socket) => this.#accept(socket))
  }

  static async listen(brokerPort: number, random: Random): Promise<BrokerProxy> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new BrokerProxy(server, brokerPort, random)
  }

  get port(): number {
    return portOf(this.#server)
  }

  calm(): void {
    this.rates = CALM
  }

  /** Nothing goes through, and nobody is told. */
  part(): void {
    this.#parted = true
    for (const [node, broker] of this.#pairs) for (const socket of [node, broker]) socket.pause()
  }

  heal(): void {
    this.#parted = false
    for (const [node, broker] of this.#pairs) for (const socket of [node, broker]) socket.resume()
  }

  cut(): void {
    for (const [node, broker] of this.#pairs) for (const socket of [node, broker]) socket.resetAndDestroy()
  }

  #accept(node: Socket): void {
    const broker = connect(this.#brokerPort, '127.0.0.1')
    const both = [node, broker] as const
    this.#pairs.add(both)
    for (const socket of both) {
      socket.setNoDelay(true)
      socket.on('error', () => {}) // `close` follows.
      socket.on('close', () => {
        this.#pairs.delete(both)
        for (const each of both) each.destroy()
      })
    }
    const publishes = new Publishes((bytes, isSegment) => this.#forward(broker, bytes, isSegment))
    node.on('data', (chunk) => publishes.take(chunk))
    broker.on('data', (chunk) => node.write(chunk))
    if (this.#parted) for (const socket of both) socket.pause()
  }

  #forward(broker: Socket, bytes: Buffer, isSegment: boolean): void {
    const { dropped, doubled, delayMs } = this.rates
    if (isSegment && this.#random.below(1000) < dropped) return
    const times = isSegment && this.#random.below(1000) < doubled ? 2 : 1
    for (let count = 0; count < times; count++) {
      if (delayMs > 0) setTimeout(() => broker.write(bytes), delayMs)
      else broker.write(bytes)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.cut()
  }
}

/** Cuts what a client of NATS writes into its commands; a publish has a payload behind its line. */
class Publishes {
  readonly #command: (bytes: Buffer, isSegment: boolean) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(command: (bytes: Buffer, isSegment: boolean) => void) {
    this.#command = command
  }

  take(chunk: Buffer): void {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (;;) {
      const newline = rest.indexOf(NEWLINE)
      if (newline === -1) break
      const line = rest.toString('latin1', 0, newline)
      const isPublish = line.startsWith('PUB ')
      const bytes = newline + 1 + (isPublish ? Number(line.trim().split(' ').at(-1)) + 2 : 0)
      if (rest.length < bytes) break
      this.#command(rest.subarray(0, bytes), isPublish && line.includes('.node.'))
      rest = rest.subarray(bytes)
    }
    this.#rest = Buffer.from(rest)
  }
}
