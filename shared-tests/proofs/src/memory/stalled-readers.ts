/** A server of one pattern over streams in memory: readers that stall, and one sender that sends to all of them. */
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import type { Limits, Pattern, Server } from '@switchyard/core'
import { Router } from '@switchyard/protocols/router'

const ID_BYTES = 4
const QUIET_TURNS = 20
/** Larger chunks of a TCP listener are memory that is used again; smaller ones are copies of their own size, as here. */
const POOLED_BYTES_MIN = 8 * 1024

/** A client: what it is written counts, and what it stalls on is accepted when it reads again. */
export class Client extends Duplex {
  bytesRead = 0
  stalled = false
  #accept: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: true, highWaterMark: 0 })
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _: string, accepted: () => void): void {
    this.bytesRead += chunk.length
    if (this.stalled) this.#accept = accepted
    else accepted()
  }

  goOn(): void {
    this.stalled = false
    const accept = this.#accept
    this.#accept = undefined
    accept?.()
  }
}

export class StalledReaders {
  readonly server: Server
  readonly readers: readonly Client[]
  readonly #sender: Client

  private constructor(server: Server, clients: readonly Client[]) {
    this.server = server
    this.readers = clients.slice(0, -1)
    this.#sender = clients.at(-1)!
  }

  static async of(pattern: Pattern, count: number, limits: Partial<Limits> = {}): Promise<StalledReaders> {
    const listener = Object.assign(new EventEmitter(), { close() {} })
    const server = pattern.serve(new Router({ messageBytesMax: 1024 * 1024 }), listener, {
      writeDeadlineMs: 2 ** 31 - 1,
      ...limits,
    })
    const clients = Array.from({ length: count + 1 }, () => new Client())
    for (const client of clients) listener.emit('connection', client)
    await turns(QUIET_TURNS)
    return new StalledReaders(server, clients)
  }

  /** Sends each reader a message of `bytes`, all in one chunk and a turn, until `chunks` are sent or nothing is read any more. */
  async send(bytes: number, chunks: number): Promise<number> {
    for (const reader of this.readers) reader.stalled = true
    const chunk = Buffer.concat(this.readers.map((_, index) => message(index + 1, bytes)))
    let sent = 0
    for (let quiet = 0; sent < chunks && quiet < QUIET_TURNS; quiet++) {
      if (this.#sender.readableLength === 0) {
        this.#sender.push(chunkOf(chunk))
        sent++
        quiet = 0
      }
      await turns(1)
    }
    return sent
  }

  /** Sends long messages to the first reader until a dispatcher waits for it: what is sent from now on is held as events. */
  async stopDispatcher(): Promise<void> {
    for (const reader of this.readers) reader.stalled = true
    while (this.server.statistics().held.channels === 0) {
      this.#sender.push(message(1, POOLED_BYTES_MIN))
      await turns(QUIET_TURNS)
    }
  }

  /** Readers from `start` on begin a message, of which so many bytes of body have come. */
  async leaveUnfinished(bytes: number, start = 0, end: number = this.readers.length): Promise<void> {
    const unfinished = message(1, bytes + 1).subarray(0, -1)
    for (const reader of this.readers.slice(start, end)) reader.push(chunkOf(unfinished))
    await turns(QUIET_TURNS)
  }

  async readAll(): Promise<void> {
    for (const reader of this.readers) reader.goOn()
    while (this.server.statistics().held.total > 0) await turns(1)
  }
}

/** Body and NUL have `bytes`. */
function message(to: number, bytes: number): Buffer {
  const all = Buffer.alloc(ID_BYTES + bytes, 1)
  all.writeUInt32BE(to)
  all[all.length - 1] = 0
  return all
}

function chunkOf(bytes: Buffer): Buffer {
  if (bytes.length >= POOLED_BYTES_MIN) return bytes
  const chunk = Buffer.allocUnsafeSlow(bytes.length)
  chunk.set(bytes)
  return chunk
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
