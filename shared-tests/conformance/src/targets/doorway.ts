import type { Socket } from 'node:net'
import { liveClock } from '@switchyard/core'
import { notQueued, settlesWithin, wait } from '@switchyard/harness'
import { connectTcp } from './sockets.ts'

/** So many at once find room in the shortest accept queue that tutorials ask for, which is five. */
const AT_ONCE = 5
/** How long a connection may take that comes at once with many, before it counts as turned away: the kernel would try again after a second, ms. */
const TURNED_AWAY_MS = 500
/** How long a server may take to accept it, ms: far more than any needs. */
const ACCEPT_MS = 5_000
const BETWEEN_LOOKS_MS = 5

/**
 * The way in to a server on this machine. Of many that come at the same moment, some find its accept queue full, and what the kernel
 * does then takes seconds, up to a minute. So they turn back and come again one by one: no clause is about accept queues.
 */
export class Doorway {
  /** Somebody was turned away. */
  narrow = false
  readonly #host: string
  readonly #port: number
  #coming = 0
  /** The end of the line of those that came again. */
  #line: Promise<unknown> = Promise.resolve()
  #looking: Promise<ReadonlySet<number>> | undefined

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  /** Rejects with Unreachable. */
  async enter(): Promise<Socket> {
    this.#coming++
    try {
      return this.#coming <= AT_ONCE
        ? await connectTcp(this.#host, this.#port)
        : ((await this.#enterWithMany()) ?? (await this.#enterAlone()))
    } finally {
      this.#coming--
    }
  }

  /** Undefined if it was turned away. */
  async #enterWithMany(): Promise<Socket | undefined> {
    const turningBack = new AbortController()
    const connecting = connectTcp(this.#host, this.#port, turningBack.signal)
    if (await settlesWithin(TURNED_AWAY_MS, connecting)) {
      const socket = await connecting
      if (!(await this.#notQueued()).has(socket.localPort ?? 0)) return socket
      socket.on('error', () => {}).resetAndDestroy()
    }
    connecting.catch(() => {}) // It turns back.
    turningBack.abort()
    this.narrow = true
    return undefined
  }

  /** Behind all that came again before, and until it is in the queue. */
  async #enterAlone(): Promise<Socket> {
    const before = this.#line
    const entered = before.then(async () => {
      const socket = await connectTcp(this.#host, this.#port)
      const start = liveClock.now()
      while (notQueued(this.#port).has(socket.localPort ?? 0) && liveClock.now() - start < ACCEPT_MS)
        await wait(BETWEEN_LOOKS_MS)
      return socket
    })
    this.#line = entered.catch(() => {}) // Whoever enters hears of it.
    return entered
  }

  /** As of now, or a moment later: one look for all that come meanwhile. */
  #notQueued(): Promise<ReadonlySet<number>> {
    return (this.#looking ??= wait(BETWEEN_LOOKS_MS).then(() => {
      this.#looking = undefined
      return notQueued(this.#port)
    }))
  }
}
