import { Duplex } from 'node:stream'
import { READ_BYTES } from '@switchyard/core'
import type { WebSocket } from 'ws'

const NORMAL_CLOSURE = 1000
/** What stands for a close without a closing message (RFC 6455, section 7.1.5). */
const BROKEN_OFF = 1006

/**
 * A WebSocket as a connection. Messages are pieces of one stream of bytes, in both directions: their edges mean nothing, as
 * TCP's segments mean nothing.
 *
 * What TCP does and a WebSocket can't: a client that has closed reads nothing any more, so what is still queued for it is
 * discarded (R4.1); and there is no reset, only a connection that breaks off.
 */
export class WebSocketStream extends Duplex {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex

  /** `socket` is the TCP connection below, which says when the operating system has accepted what was written. */
  constructor(webSocket: WebSocket, socket: Duplex) {
    // Nothing is read ahead of what is asked for, so that no more than one message is held beyond R5.4.
    super({ allowHalfOpen: true, readableHighWaterMark: 0, writableHighWaterMark: READ_BYTES })
    this.#webSocket = webSocket
    this.#socket = socket
    webSocket.on('message', (message: Buffer) => {
      if (message.length > 0 && !this.push(message)) webSocket.pause()
    })
    webSocket.on('close', (code) => {
      if (code === BROKEN_OFF) this.destroy(new Error('the WebSocket broke off'))
      else this.push(null)
    })
    webSocket.on('error', (error) => this.destroy(error))
  }

  override _read(): void {
    this.#webSocket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    let once: typeof written | undefined = written
    // An error needs no answer here: `close` follows. What a client that has closed was to read is discarded.
    const accepted = (): void => {
      const callback = once
      once = undefined
      callback?.()
    }
    this.#webSocket.send(chunk, { binary: true }, accepted)
    // Mostly the kernel takes it at once; the callback would say so a tick later, and a pattern would wait for it.
    if (this.#socket.writableLength === 0) accepted()
  }

  override _final(finished: () => void): void {
    this.#webSocket.close(NORMAL_CLOSURE)
    finished()
  }

  override _destroy(error: Error | null, destroyed: (error: Error | null) => void): void {
    this.#webSocket.terminate()
    destroyed(error)
  }
}
