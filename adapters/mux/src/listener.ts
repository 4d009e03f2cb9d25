import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { ClientId, Listener, WaitForGraph } from '@switchyard/core'
import { Session } from './session.ts'
import type { SessionOptions } from './session.ts'

interface Events {
  connection: [stream: Duplex]
  error: [error: Error]
}

/** The streams of all sessions: each connection of `trunks` is a session, and what a pattern serves is the streams in them. */
export class MuxListener extends EventEmitter<Events> implements Listener, AsyncDisposable {
  readonly #trunks: Listener
  /** By the order in which they came, from 1. */
  readonly #sessions = new Map<number, Session>()
  /** What the pattern above calls a client, by its stream. */
  readonly #clients = new WeakMap<Duplex, ClientId>()
  #count = 0

  constructor(trunks: Listener, options: Omit<SessionOptions, 'side'>) {
    super()
    this.#trunks = trunks
    trunks.on('error', (error) => this.emit('error', error))
    trunks.on('connection', (trunk) => {
      const session = new Session(trunk, { ...options, side: 'accepts-trunks' })
      const number = ++this.#count
      this.#sessions.set(number, session)
      session.on('connection', (stream) => {
        if (!this.emit('connection', stream)) stream.destroy() // Nothing serves yet.
      })
      session.on('close', () => this.#sessions.delete(number))
    })
  }

  /** The pattern above has named a stream: so waits can be told across both levels. */
  named(client: ClientId, stream: Duplex): void {
    this.#clients.set(stream, client)
  }

  /** `above` in words, and for each of its clients that its connection holds up, why; then what waits in the multiplexers. */
  render(above: WaitForGraph): string {
    const lines = [above.render()]
    for (const [number, session] of this.#sessions) {
      for (const { stream, id, why } of session.heldUp()) {
        const client = this.#clients.get(stream)
        const what = `stream ${id} of connection ${number}`
        const which = client === undefined ? what : `client ${client} is ${what}, which`
        lines.push(
          `${which} waits for its peer to ${why === 'window' ? 'grant it a window' : 'read the whole connection'}`,
        )
      }
      if (session.waits.edges().length > 0) lines.push(`connection ${number}: ${session.waits.render()}`)
    }
    return lines.join('\n')
  }

  /** No more connections, and no more streams in those that stand. */
  close(): void {
    this.#trunks.close()
    for (const session of this.#sessions.values()) session.goAway()
  }

  /** Ends every session. Settles when they have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
  }
}
