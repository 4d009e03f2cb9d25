import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { connect, MuxListener } from '@switchyard/adapters/mux'
import type { Session } from '@switchyard/adapters/mux'
import type { Listener, Pattern } from '@switchyard/core'
import { hostAndPort } from '@switchyard/core/tcp'
import type { Address } from '../address.ts'

/** Hears what an operator wants to know, a sentence at a time. */
type Log = (sentence: string) => void

/** Carries each connection of a listener as a stream of one connection to the other end of the tunnel, which it opens again when it is lost. */
export class Entry implements AsyncDisposable {
  readonly #pattern: Pattern
  readonly #to: Address
  readonly #log: Log
  #session: Promise<Session> | undefined

  constructor(pattern: Pattern, to: Address, log: Log) {
    this.#pattern = pattern
    this.#to = to
    this.#log = log
  }

  /** Settles when the other end is there. Rejects with the operating system's error. */
  connected(): Promise<Session> {
    this.#session ??= this.#connect()
    return this.#session
  }

  async #connect(): Promise<Session> {
    try {
      const session = await connect(this.#to, { pattern: this.#pattern })
      session.on('close', ({ message }) => {
        this.#session = undefined
        this.#log(`the tunnel to ${hostAndPort(this.#to.host, this.#to.port)} has ended: ${message}`)
      })
      return session
    } catch (error) {
      this.#session = undefined
      throw error
    }
  }

  serve(listener: Listener): void {
    listener.on('connection', (socket) => void this.#carry(socket))
    listener.on('error', (error) => this.#log(`the listener has failed: ${error.message}`))
  }

  /** Never rejects. */
  async #carry(socket: Duplex): Promise<void> {
    const failed = new Promise<void>((resolve) => socket.once('error', () => resolve()))
    try {
      const session = await this.connected()
      join(socket, await session.openStream())
    } catch (error) {
      this.#log(`a connection was ended: ${sentenceOf(error)}`)
      resetOf(socket)
      await Promise.race([failed, once(socket, 'close')])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    await session?.close()
  }
}

/** Connects each stream of those who come to `listener` to one place. Disposing of it ends their connections. */
export class Exit implements AsyncDisposable {
  readonly #streams: MuxListener

  constructor(pattern: Pattern, listener: Listener, to: Address, log: Log) {
    this.#streams = new MuxListener(listener, { pattern })
    this.#streams.on('error', (error) => log(`the listener has failed: ${error.message}`))
    this.#streams.on('connection', (stream) => {
      stream.on('error', () => {}) // Until they are joined; it ends the socket, too.
      const socket = createConnection({ ...to, allowHalfOpen: true, noDelay: true })
      socket.once('error', (error) => {
        if (socket.connecting || socket.bytesRead + socket.bytesWritten === 0) {
          log(`no connection to ${hostAndPort(to.host, to.port)}: ${sentenceOf(error)}`)
        }
        stream.destroy()
      })
      stream.once('close', () => socket.destroy())
      socket.once('connect', () => join(stream, socket))
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#streams[Symbol.asyncDispose]()
  }
}

/** What one brings the other gets, FIN included; a reset of one resets the other. */
function join(one: Duplex, other: Duplex): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to)
    from.on('error', () => resetOf(to))
    from.once('close', () => {
      if (!from.readableEnded || !from.writableFinished) resetOf(to)
    })
  }
}

function resetOf(stream: Duplex): void {
  if (isSocket(stream)) stream.resetAndDestroy()
  else stream.destroy()
}

function isSocket(stream: Duplex): stream is Socket {
  return 'resetAndDestroy' in stream
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
