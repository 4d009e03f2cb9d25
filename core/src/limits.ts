/** One read: what a pattern takes from one client in one turn, and the most that is outstanding in one write. */
export const READ_BYTES: number = 64 * 1024

/** Section 5 of docs/protocol.md. Bytes and milliseconds, as the names end. */
export interface Limits {
  /** R5.1: the longest message, body and NUL. */
  readonly messageBytesMax: number
  /** R5.2: connections at a time; a further one is closed without an id. */
  readonly connectionsMax: number
  /** R2.1: ids are given from 1 up to this one, each once; then connections are refused as in R5.2. */
  readonly idsMax: number
  /** R5.3: how long the operating system may accept nothing for a client that has something queued. */
  readonly writeDeadlineMs: number
  /** R5.4: what is held for one destination, beside one read and one completed message for each of its senders. */
  readonly queuedBytesMax: number
  /** R5.5: how long after the server's FIN it waits for the client's. */
  readonly lingerMs: number
  /** R5.5: how long a shutdown may take. */
  readonly graceMs: number
  /** R5.6: what the whole server holds before it stops reading. */
  readonly heldBytesMax: number
}

export const DEFAULT_LIMITS: Limits = {
  messageBytesMax: 1024 * 1024,
  connectionsMax: 65_535,
  idsMax: 2 ** 31 - 1,
  writeDeadlineMs: 10_000,
  queuedBytesMax: 1024 * 1024,
  lingerMs: 1_000,
  graceMs: 5_000,
  heldBytesMax: 256 * 1024 * 1024,
}

/** The limits' names, for whoever offers each one as an option. */
export const LIMIT_NAMES: readonly (keyof Limits)[] = [
  'messageBytesMax',
  'connectionsMax',
  'idsMax',
  'writeDeadlineMs',
  'queuedBytesMax',
  'lingerMs',
  'graceMs',
  'heldBytesMax',
]

/** Smallest and largest value that makes sense for each limit. */
export const LIMIT_RANGES: Readonly<Record<keyof Limits, readonly [min: number, max: number]>> = {
  messageBytesMax: [1, 2 ** 30],
  connectionsMax: [1, 2 ** 24],
  idsMax: [1, 2 ** 31 - 1],
  writeDeadlineMs: [1, 2 ** 31 - 1],
  queuedBytesMax: [1024, 2 ** 31],
  lingerMs: [1, 2 ** 31 - 1],
  graceMs: [1, 2 ** 31 - 1],
  heldBytesMax: [1024, 2 ** 40],
}

/** Fills in defaults and checks. Throws RangeError: names the limit, the value that it had and those that it may have. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits: { -readonly [Name in keyof Limits]: Limits[Name] } = { ...DEFAULT_LIMITS }
  for (const name of LIMIT_NAMES) {
    const value = given[name]
    if (value === undefined) continue
    const [min, max] = LIMIT_RANGES[name]
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`)
    }
    limits[name] = value
  }
  if (limits.queuedBytesMax < limits.messageBytesMax) {
    throw new RangeError(
      `queuedBytesMax is ${limits.queuedBytesMax}: it must be at least messageBytesMax, ${limits.messageBytesMax}, ` +
        'or one allowed message could never be queued (R5.4)',
    )
  }
  return limits
}
