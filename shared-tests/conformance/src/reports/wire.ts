import type { Direction, WireEvent } from '../session/wire-log.ts'

/** What a byte of a stream is for, as far as the stream is known from its beginning. */
export type Part = 'id' | 'body' | 'nul' | 'unknown'

/** Bytes next to each other that are for the same. */
export interface Run {
  readonly part: Part
  readonly bytes: readonly number[]
}

const ID_BYTES = 4

/** Reads along with a stream: a client sends ids, bodies and NULs; what it receives is one id, then bodies and NULs. */
export class Reader {
  readonly #direction: Direction
  /** So many bytes of an id are still to come; undefined once bytes have been left out. */
  #idLeft: number | undefined = ID_BYTES

  constructor(direction: Direction) {
    this.#direction = direction
  }

  skip(): void {
    this.#idLeft = undefined
  }

  read(bytes: Iterable<number>): Run[] {
    const runs: { part: Part; bytes: number[] }[] = []
    for (const byte of bytes) {
      const part = this.#next(byte)
      const last = runs.at(-1)
      if (last?.part === part && part !== 'nul') last.bytes.push(byte)
      else runs.push({ part, bytes: [byte] })
    }
    return runs
  }

  #next(byte: number): Part {
    if (this.#idLeft === undefined) return 'unknown'
    if (this.#idLeft > 0) {
      this.#idLeft--
      return 'id'
    }
    if (byte !== 0) return 'body'
    this.#idLeft = this.#direction === 'sent' ? ID_BYTES : 0
    return 'nul'
  }
}

/** The readers of all streams of one log. */
export class Readers {
  readonly #readers = new Map<string, Reader>()

  of(client: string, direction: Direction): Reader {
    const key = `${direction} ${client}`
    const reader = this.#readers.get(key) ?? new Reader(direction)
    this.#readers.set(key, reader)
    return reader
  }
}

export function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}

export function hexOf(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

export function textOf(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
}

/** `16,711,936`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

/** What a mark says, with the client as its subject. */
export function describeMark(event: Exclude<WireEvent, { kind: Direction | 'left-out' }>): string {
  switch (event.kind) {
    case 'connected':
      return 'connects'
    case 'id':
      return `has id ${event.id}`
    case 'paused':
      return 'stops reading'
    case 'resumed':
      return 'reads again'
    case 'sent-fin':
      return 'sends FIN'
    case 'sent-reset':
      return 'resets the connection'
    case 'fin':
      return 'receives FIN'
    case 'reset':
      return 'meets a reset'
  }
}

const SHOWN_BYTES = 12

/** The last lines of a log, for a terminal: none where nothing went over the wire. */
export function renderWire(events: readonly WireEvent[], linesMax: number): string[] {
  const told = events.filter(({ kind }) => kind !== 'connected' && kind !== 'id')
  const shown = told.slice(-linesMax)
  const width = Math.max(0, ...shown.map(({ client }) => client.length))
  const lines = shown.map((event) => {
    const head = `${event.atMs.toFixed(1).padStart(8)} ms  ${event.client.padEnd(width)}`
    return `${head}  ${describe(event)}`
  })
  const before = told.length - shown.length
  return before > 0 ? [`${' '.repeat(8)} ... ${before} lines before`, ...lines] : lines
}

function describe(event: WireEvent): string {
  if (event.kind === 'sent') return `sends     ${dump(event.hex)}`
  if (event.kind === 'received') return `receives  ${dump(event.hex)}`
  if (event.kind !== 'left-out') return describeMark(event)
  return `${event.direction === 'sent' ? 'sends   ' : 'receives'}  ... ${grouped(event.bytes)} bytes, not kept`
}

function dump(hex: string): string {
  const bytes = bytesOf(hex)
  const shown = bytes.subarray(0, SHOWN_BYTES)
  const more = bytes.length - shown.length
  return `${hexOf(shown).padEnd(3 * SHOWN_BYTES)} "${textOf(shown)}"${more > 0 ? ` and ${more} more` : ''}`
}
