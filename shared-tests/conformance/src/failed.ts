/** A server did not do what a clause demands. The message says what was expected and what came instead. */
export class Failed extends Error {
  readonly code = 'EXPECTATION_FAILED'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Failed'
  }
}

const DUMP_BYTES = 16
const BEFORE_BYTES = 4
/** Of one byte in a dump, with the space behind it. */
const HEX_WIDTH = 3

/** Throws Failed unless the bytes are the same. `what` names them: `bob: the first message`. */
export function expectBytes(what: string, expected: Uint8Array, received: Uint8Array): void {
  const at = firstDifference(expected, received)
  if (at === undefined) return
  const from = Math.max(0, at - BEFORE_BYTES)
  const margin = `  expected from byte ${from}  `
  throw new Failed(
    `${what}: expected ${expected.length} bytes, received ${received.length}; they differ at byte ${at}\n` +
      `${margin}${dump(expected, from)}\n` +
      `  received from byte ${from}  ${dump(received, from)}\n` +
      `  they differ here${' '.repeat(margin.length - 18 + HEX_WIDTH * (at - from))}^^`,
  )
}

/** Throws Failed unless the values are the same. */
export function expectSame<T>(what: string, expected: T, received: T): void {
  if (!Object.is(expected, received))
    throw new Failed(`${what}: expected ${String(expected)}, received ${String(received)}`)
}

/** Throws Failed if `condition` is false. */
export function expectTrue(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Failed(otherwise)
}

/** A few bytes as hexadecimal and text: `68 69 00  "hi."`. */
export function dump(bytes: Uint8Array, from = 0): string {
  const shown = bytes.subarray(from, from + DUMP_BYTES)
  if (shown.length === 0) return '(nothing)'
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const text = Array.from(shown, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  const more = bytes.length - from - shown.length
  return `${hex}  "${text}"${more > 0 ? ` and ${more} more` : ''}`
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  if (Buffer.compare(a, b) === 0) return undefined
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i
  return length
}
