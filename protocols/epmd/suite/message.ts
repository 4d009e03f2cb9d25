/** Requests as Erlang's nodes write them, and what they read: written down from the specification, independently of the codec under test. */

export interface Described {
  readonly port: number
  readonly highest: number
  readonly extra: string
  /** What the request says of the name's length; default: the truth. */
  readonly nameBytes: number
  readonly extraBytes: number
}

export const ALIVE2_X_RESP = 118
export const ALIVE2_RESP = 121

/** D1.1. */
export const LENGTH_BYTES = 2

const PORT = 4242

/** D2.1. */
export function alive2(name: string | Uint8Array, node: Partial<Described> = {}): Uint8Array {
  return request('x', describe(name, node))
}

/** D1.1. */
export function request(code: string, rest: string | Uint8Array = ''): Uint8Array {
  const body = Buffer.concat([Buffer.from(code), Buffer.from(rest)])
  return Buffer.concat([uint16(body.length), body])
}

/** D3.1. */
export function found(name: string, node: Partial<Described> = {}): Uint8Array {
  return Buffer.concat([Buffer.of(119, 0), describe(name, node)])
}

/** D3.2. */
export const NOT_FOUND: Uint8Array = Uint8Array.of(119, 1)

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

function describe(name: string | Uint8Array, node: Partial<Described>): Uint8Array {
  const bytes = Buffer.from(name)
  const { port = PORT, highest = 6, extra = '', nameBytes = bytes.length, extraBytes = extra.length } = node
  const fixed = [uint16(port), Uint8Array.of(77, 0), uint16(highest), uint16(5)]
  return Buffer.concat([...fixed, uint16(nameBytes), bytes, uint16(extraBytes), Buffer.from(extra)])
}
