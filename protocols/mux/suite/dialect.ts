import { Buffer } from 'node:buffer'
import type { Dialect, Incoming } from '@switchyard/harness/portable'
import {
  ACK,
  DATA,
  dataFrame,
  FIN,
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  PING,
  RST,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from '../src/index.ts'

const FRAME_BYTES = 32 * 1024

/** A client is a peer that opens streams, and is greeted by the answer to its ping. */
export const DIALECT: Dialect = {
  routes: false,
  options: { keepaliveMs: 0 },
  greet: (number) => {
    let heard = Buffer.alloc(0)
    return {
      says: frame(PING, SYN, 0, number),
      hears(bytes) {
        heard = Buffer.concat([heard, bytes])
        return heard.length < HEADER_BYTES ? undefined : { rest: heard.subarray(HEADER_BYTES), address: number }
      },
    }
  },
  echoes: () => ({
    filling: (streams) =>
      Buffer.concat(Array.from({ length: streams }, (_, index) => wholeWindow(2 * index + 1)).flat()),
    incoming: () => new Back(),
  }),
}

/** A stream's bytes are all its number's. */
function wholeWindow(stream: number): readonly Uint8Array[] {
  const body = new Uint8Array(FRAME_BYTES).fill(stream & 0xff)
  const frames = Array.from({ length: WINDOW_BYTES / FRAME_BYTES }, () => dataFrame(stream, body))
  return [frame(WINDOW_UPDATE, SYN, stream, 0), ...frames, frame(WINDOW_UPDATE, FIN, stream, 0)]
}

/** Streams that come back, in frames that are cut anywhere. Looks at a frame's bytes, one in a piece. */
class Back implements Incoming {
  messages = 0
  readonly #left = new Map<number, number>()
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerBytes = 0
  #stream = 0
  #flags = 0
  #body = 0

  get whole(): boolean {
    return this.#headerBytes === 0 && this.#body === 0
  }

  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#body > 0) {
        const count = Math.min(this.#body, chunk.length - at)
        if (chunk[at] !== (this.#stream & 0xff)) return false
        this.#body -= count
        at += count
        if (this.#body === 0 && !this.#ended()) return false
        continue
      }
      const count = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at)
      this.#header.set(chunk.subarray(at, at + count), this.#headerBytes)
      this.#headerBytes += count
      at += count
      if (this.#headerBytes === HEADER_BYTES && !this.#frame()) return false
    }
    return true
  }

  #frame(): boolean {
    this.#headerBytes = 0
    const { type, flags, stream, length } = headerIn(this.#header)
    if (type === GO_AWAY || (type !== PING && flags & RST)) return false
    this.#stream = stream
    this.#flags = flags
    if (type === DATA) {
      const left = (this.#left.get(stream) ?? WINDOW_BYTES) - length
      if (left < 0) return false
      this.#left.set(stream, left)
      this.#body = length
      if (length > 0) return true
    }
    return type === PING ? (flags & ACK) !== 0 : this.#ended()
  }

  /** Behind a frame. False if that ends its stream before all of it has come. */
  #ended(): boolean {
    if (!(this.#flags & FIN)) return true
    this.messages++
    return this.#left.get(this.#stream) === 0
  }
}
