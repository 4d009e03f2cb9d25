import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { READ_BYTES } from '@switchyard/core'
import { NodeTransport } from '@nats-io/transport-node/lib/node_transport.js'
import { Incoming } from './incoming.ts'

const CRLF = Buffer.from('\r\n')

/** What comes for one subject, and memory to put it in. */
export interface Listening {
  readonly subject: string
  memory(bytes: number): Uint8Array
  take(payload: Uint8Array): void
}

/**
 * The NATS client's own transport, with a short way for what links publish.
 *
 * Memory     The client allocates 64 KiB for each read, joins what reads have cut, and joins a publish with its head again: memory outside
 *            of V8's heap, for which V8 collects the whole heap. Under load that was more than half of a node's time (measured, 32 B
 *            pipelined). Here every read lands in one buffer, and payloads are copied once, into memory of the listener's.
 * TLS        Reads for itself: then the client brings what comes.
 */
export class LeanTransport extends NodeTransport {
  #listening: Listening | undefined
  #incoming: Incoming | undefined
  #corked = false

  override dial({ hostname, port }: { readonly hostname: string; readonly port: number }): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const incoming = new Incoming({
        memory: (bytes) => this.#listening?.memory(bytes) ?? new Uint8Array(bytes),
        take: (payload) => this.#listening?.take(payload),
        rest: (bytes) => void socket.emit('data', Buffer.from(bytes)),
      })
      const socket: Socket = createConnection({
        host: hostname,
        port,
        noDelay: true,
        onread: {
          buffer: Buffer.allocUnsafeSlow(READ_BYTES),
          callback(count, buffer) {
            incoming.read(Buffer.from(buffer.buffer, buffer.byteOffset, count))
            return true
          },
        },
      })
      this.#incoming = incoming
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.removeAllListeners()
        resolve(socket)
      })
    })
  }

  /** From now on what comes for this subject goes there, and not to the client. Returns false where the client has to bring it. */
  listen(listening: Listening): boolean {
    if (this.isEncrypted() || !this.#incoming) return false
    this.#listening = listening
    this.#incoming.listen(listening.subject)
    return true
  }

  /** What is published in one turn is one write. `payload` is not touched until `done` is called. */
  publish(subject: string, payload: Uint8Array, done: () => void): void {
    const { socket } = this
    if (this.isClosed || socket.destroyed) return done()
    if (!this.#corked) {
      this.#corked = true
      socket.cork()
      queueMicrotask(() => {
        this.#corked = false
        socket.uncork()
      })
    }
    socket.write(Buffer.from(`PUB ${subject} ${payload.length}\r\n`, 'latin1'))
    socket.write(payload, done)
    socket.write(CRLF)
  }
}
