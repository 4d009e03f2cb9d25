/** What kind of thing went wrong. Causes and reports go by it: the sentence beside it is for people, and may be mended. */
export type FailureCode =
  /** Other bytes came than expected: `at`, `expected` and `received` say where, and how many. */
  | 'wrong-bytes'
  | 'wrong-value'
  /** The next message of a sender is not the one that it sent next. */
  | 'wrong-order'
  /** FIN came instead of a reset, or the reverse. */
  | 'wrong-ending'
  /** The connection ended in the middle of something. */
  | 'ended'
  /** Closed without a greeting. */
  | 'not-admitted'
  /** A client more than there may be got in. */
  | 'let-in'
  /** The same, after a shutdown had begun. */
  | 'let-in-late'
  /** A client has left, and nobody gets its place. */
  | 'no-place'
  | 'not-unique'
  | 'given-again'
  /** A client was kept that should have been ended. */
  | 'not-aborted'
  /** A sender was kept from sending, or cut off. */
  | 'sent-too-few'
  | 'over-limit'
  /** Nothing moved any more: `awaits` says who waited for what. */
  | 'still'
  /** Something moved all the time. */
  | 'endless'
  /** Something did not come in time. */
  | 'late'
  /** The same, for clients that have nothing to do with the one that reads nothing. */
  | 'strangers-wait'
  /** The same, for who sends to the one that reads nothing. */
  | 'sender-waits'
  | 'killed-by-sigterm'
  /** Asked to end, it did so with another exit code than 0. */
  | 'exit-code'
  /** The process ended when the case's clients had left. */
  | 'ended-behind'
  /** It has ended, and counts something still. */
  | 'left-over'
  /** None of these: an error of the suite's own, or of a server in this process. */
  | 'unexpected'

/** Why a case failed, as data. */
export interface Failure {
  readonly code: FailureCode
  /** Whose connection. */
  readonly client?: string
  /** The first byte that differs. */
  readonly at?: number
  /** Bytes. */
  readonly expected?: number
  readonly received?: number
  readonly awaits?: readonly Awaited[]
  /** The server's process ended in the middle of the case, and nobody had asked for that. */
  readonly exited?: true
}

/** What a client waited for when nothing moved any more. */
export interface Awaited {
  readonly client: string
  readonly what: AwaitedKind
  /** Bytes that came and that no expectation took. */
  readonly untaken: number
}

export type AwaitedKind = 'admission' | 'bytes' | 'message' | 'end'

/** A server did not do what a clause demands. The message says what was expected and what came instead. */
export class Failed extends Error {
  readonly failure: Failure

  constructor(message: string, failure: Failure | FailureCode) {
    super(message)
    this.name = 'Failed'
    this.failure = typeof failure === 'string' ? { code: failure } : failure
  }
}

const DUMP_BYTES = 16
const BEFORE_BYTES = 4
/** Characters of one byte in a dump, with the space behind it. */
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
    { code: 'wrong-bytes', at, expected: expected.length, received: received.length },
  )
}

/** Throws Failed unless the values are the same. */
export function expectSame<T>(what: string, expected: T, received: T, code: FailureCode = 'wrong-value'): void {
  if (!Object.is(expected, received))
    throw new Failed(`${what}: expected ${String(expected)}, received ${String(received)}`, code)
}

/** Throws Failed if `condition` is false. */
export function expectTrue(
  condition: boolean,
  otherwise: string,
  code: FailureCode = 'wrong-value',
): asserts condition {
  if (!condition) throw new Failed(otherwise, code)
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
