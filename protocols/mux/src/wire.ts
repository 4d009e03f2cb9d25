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
  writeHeader(bytes, type, flags, stream, length)
  return bytes
}

/** To the first bytes of `target`. By bytes: a view of its own costs more than all of it. */
export function writeHeader(target: Uint8Array, type: number, flags: number, stream: number, length: number): void {
  target[0] = 0
  target[1] = type
  target[2] = flags >>> 8
  target[3] = flags
  writeWord(target, 4, stream)
  writeWord(target, 8, length)
}

function writeWord(target: Uint8Array, at: number, word: number): void {
  target[at] = word >>> 24
  target[at + 1] = word >>> 16
  target[at + 2] = word >>> 8
  target[at + 3] = word
}

export function dataFrame(stream: number, body: Uint8Array, flags = 0): Uint8Array {
  const bytes = frame(DATA, flags, stream, body.length, body.length)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

/** Throws RangeError if `bytes` end before the header does. */
export function headerIn(bytes: Uint8Array, at = 0): Header {
  if (at + HEADER_BYTES > bytes.length) throw new RangeError('a header that is not whole')
  return {
    version: bytes[at] ?? 0,
    type: bytes[at + 1] ?? 0,
    flags: ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0),
    stream: wordAt(bytes, at + 4),
    length: wordAt(bytes, at + 8),
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  const low = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return high * 65_536 + low
}
