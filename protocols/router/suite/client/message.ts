/**
 * The wire format as the suite speaks it: a few lines of its own. With the router's codec a fault of the codec would be
 * on both sides of the wire, and unseen.
 */
import { bytesOf } from '@switchyard/conformance/portable'

export const ID_BYTES = 4
const NUL = 0

/** A message from a client (R1.3): the destination's id, the body, a NUL. */
export function message(to: number, body: string | Uint8Array = ''): Uint8Array {
  const bytes = bytesOf(body)
  return messageWith(to, bytes.length, (into) => into.set(bytes))
}

/** The same with a body of so many bytes, which `write` puts where it belongs: none is copied. */
export function messageWith(to: number, bodyBytes: number, write: (into: Uint8Array) => void): Uint8Array {
  const whole = new Uint8Array(ID_BYTES + bodyBytes + 1)
  whole.set([to >>> 24, to >>> 16, to >>> 8, to])
  write(whole.subarray(ID_BYTES, ID_BYTES + bodyBytes))
  whole[whole.length - 1] = NUL
  return whole
}

/** An id as the server sends it (R1.2). */
export function readId(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** An id with its four bytes in the other order. */
export function swapped(id: number): number {
  return ((id << 24) | ((id & 0xff00) << 8) | ((id >>> 8) & 0xff00) | (id >>> 24)) >>> 0
}
