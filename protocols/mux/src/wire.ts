/** The frames of yamux, version 0: a header of 12 bytes, big-endian, and behind `data` as many bytes as its length says. */

export const HEADER_BYTES = 12
export const WINDOW_BYTES: number = 256 * 1024

export const DATA = 0
export const WINDOW_UPDATE = 1
export const PING = 2
export const GO_AWAY = 3

export const SYN = 1
export const ACK = 2
export const FIN = 4
export const RST = 8

/** The codes of `GO_AWAY`. */
export const NORMAL = 0
export const PROTOCOL_ERROR = 1

/** How much of everything: `SIZES`, except where a smaller world is simulated. */
export interface Sizes {
  /** What either end may send in a new stream. */
  readonly windowBytes: number
  /** One frame of data takes no more, so that 64 streams take turns. */
  readonly frameBytesMax: number
  /** Data waits while more than this is queued for the trunk: two of its buffers. */
  readonly queuedBytes: number
  /**
   * A trunk for which more than this is queued is not read: who pings and does not read waits for himself. Between honest peers no answers come
   * to so much; two that both flood and both do not read wait for each other.
   */
  readonly unreadBytes: number
  /** What a local end has written and the peer has no window for; beyond it the end is not read. */
  readonly pendingBytes: number
}

export const SIZES: Sizes = {
  windowBytes: WINDOW_BYTES,
  frameBytesMax: 32 * 1024,
  queuedBytes: 128 * 1024,
  unreadBytes: 256 * 1024,
  pendingBytes: 64 * 1024,
}

export interface Header {
  readonly version: number
  readonly type: number
  readonly flags: number
  readonly stream: number
  /** Bytes of data, credit, the number in a ping, or the code of a go-away. */
  readonly length: number
}

/** A header, and room behind it for `bodyBytes`. */
export function frame(type: number, flags: number, stream: number, length: number, bodyBytes = 0): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return bytes
}

export function dataFrame(stream: number, body: Uint8Array, flags = 0): Uint8Array {
  const bytes = frame(DATA, flags, stream, body.length, body.length)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

export function headerIn(bytes: Uint8Array, at = 0): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES)
  return {
    version: view.getUint8(0),
    type: view.getUint8(1),
    flags: view.getUint16(2),
    stream: view.getUint32(4),
    length: view.getUint32(8),
  }
}
