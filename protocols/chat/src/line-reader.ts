const LF = 0x0a
const CR = 0x0d
const TAB = 0x09
const DEL = 0x7f
/** C2 80 to C2 9F: control characters again, among them a one-character ESC [ that terminals obey. */
const C1_FIRST = 0xc280
const C1_LAST = 0xc29f

/** Telnet's bytes (RFC 854, RFC 855). None of them but these few matters here, and IAC occurs in no UTF-8. */
const IAC = 255
const DONT = 254
const WILL = 251
const SB = 250
const SE = 240
/** EOF, ABORT, BRK and IP: what a telnet client sends for ^D and ^C. */
const INTERRUPTS: ReadonlySet<number> = new Set([236, 238, 243, 244])

type TelnetState = 'text' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation-command'

/** One line's text: `bytes` from `start` to before `end`. Valid until the next call of its reader, which has only this one. */
export interface Line {
  readonly kind: 'line'
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** What a client's bytes amount to. */
export type Input =
  | Line
  | { readonly kind: 'too-long' }
  | { readonly kind: 'invalid-utf8' }
  | { readonly kind: 'interrupt' }

const TOO_LONG: Input = { kind: 'too-long' }
const INVALID: Input = { kind: 'invalid-utf8' }
const INTERRUPT: Input = { kind: 'interrupt' }
const NOTHING = new Uint8Array(0)

/**
 * Cuts one client's bytes into lines of clean text (C1): valid UTF-8 without control characters, and without what telnet
 * puts between. A line of plain ASCII stays in its chunk; any other one goes byte by byte into a buffer.
 */
export class LineReader {
  readonly #lineBytesMax: number
  #chunk: Uint8Array = NOTHING
  #at = 0
  /** The text of an unfinished line; undefined while there is none and the chunk's plain lines need no buffer. */
  #line: Uint8Array | undefined
  #length = 0
  /** In the rest of a line that was too long. */
  #discarding = false
  #telnet: TelnetState = 'text'
  /** The bytes of an unfinished character, how many it lacks, and between which values the next one must be. */
  #character = 0
  #missing = 0
  #low = 0
  #high = 0
  /** What `next` returns for each line: a flood of short lines leaves no objects behind. */
  readonly #found: { kind: 'line'; bytes: Uint8Array; start: number; end: number } = {
    kind: 'line',
    bytes: NOTHING,
    start: 0,
    end: 0,
  }

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax
  }

  /** Bytes of memory held for an unfinished line, by capacity. */
  get heldBytes(): number {
    return this.#line?.length ?? 0
  }

  /** The next bytes, cut anywhere. Then `next` is called until it returns undefined, or the reader is not used again. */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /** What the chunk brings next; undefined when nothing is left of it. After `invalid-utf8` there is nothing more. */
  next(): Input | undefined {
    let input = this.#plainLine()
    while (!input && this.#at < this.#chunk.length) {
      const byte = this.#chunk[this.#at++]!
      input = this.#take(byte) ?? (byte === LF ? this.#plainLine() : undefined)
    }
    if (input) return input
    this.#chunk = NOTHING
    this.#found.bytes = NOTHING
    if (this.#length === 0) this.#line = undefined
    return undefined
  }

  /** A whole line of plain ASCII, if that is what comes next. */
  #plainLine(): Input | undefined {
    if (this.#length > 0 || this.#discarding || this.#missing > 0 || this.#telnet !== 'text') return undefined
    const chunk = this.#chunk
    const start = this.#at
    const last = Math.min(chunk.length, start + this.#lineBytesMax + 1)
    let end = start
    while (end < last && isPlain(chunk[end]!)) end++
    if (end - start > this.#lineBytesMax) return this.#refuse(end)
    const newline = chunk[end] === CR ? end + 1 : end
    if (chunk[newline] !== LF) return undefined
    this.#at = newline + 1
    return this.#lineIn(chunk, start, end)
  }

  /** From `at` on, ASCII that changes nothing: control characters, and all of a line that is discarded but its end. */
  #skip(at: number): void {
    const chunk = this.#chunk
    const discarding = this.#discarding
    while (at < chunk.length) {
      const byte = chunk[at]!
      if (byte === LF || byte >= 0x80 || (!discarding && isPlain(byte))) break
      at++
    }
    this.#at = at
  }

  /** The rest of the line is discarded, from `at` on. */
  #refuse(at: number): Input {
    this.#at = at
    this.#length = 0
    this.#discarding = true
    return TOO_LONG
  }

  #take(byte: number): Input | undefined {
    switch (this.#telnet) {
      case 'text':
        if (byte !== IAC) return this.#takeText(byte)
        this.#telnet = 'command'
        return undefined
      case 'command':
        if (byte === SB) this.#telnet = 'subnegotiation'
        else if (byte >= WILL && byte <= DONT) this.#telnet = 'option'
        else this.#telnet = 'text'
        if (byte === IAC) return this.#takeText(byte) // A doubled IAC stands for one byte of text.
        return INTERRUPTS.has(byte) ? INTERRUPT : undefined
      case 'option':
        this.#telnet = 'text'
        return undefined
      case 'subnegotiation':
        if (byte === IAC) this.#telnet = 'subnegotiation-command'
        return undefined
      case 'subnegotiation-command':
        this.#telnet = byte === SE ? 'text' : 'subnegotiation'
        return undefined
    }
  }

  #takeText(byte: number): Input | undefined {
    if (this.#missing > 0) return this.#continue(byte)
    if (byte === LF) return this.#endLine()
    if (byte >= 0x80) return this.#begin(byte)
    if (!this.#discarding && isPlain(byte)) return this.#append(byte, 1)
    this.#skip(this.#at)
    return undefined
  }

  /** The first byte of a longer character. The narrower second bytes rule out overlong forms, surrogates, and what is past U+10FFFF. */
  #begin(byte: number): Input | undefined {
    if (byte < 0xc2 || byte > 0xf4) return INVALID
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    this.#low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
    this.#high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    this.#character = byte
    return undefined
  }

  #continue(byte: number): Input | undefined {
    if (byte < this.#low || byte > this.#high) return INVALID
    this.#low = 0x80
    this.#high = 0xbf
    this.#character = ((this.#character << 8) | byte) >>> 0
    this.#missing--
    if (this.#missing > 0) return undefined
    const character = this.#character
    if (character >= C1_FIRST && character <= C1_LAST) return undefined
    return this.#append(character, character > 0xff_ffff ? 4 : character > 0xffff ? 3 : 2)
  }

  /** Adds a whole character, its bytes packed into one number, the first one highest. */
  #append(character: number, bytes: number): Input | undefined {
    if (this.#discarding) return undefined
    if (this.#length + bytes > this.#lineBytesMax) return this.#refuse(this.#at)
    const line = (this.#line ??= new Uint8Array(this.#lineBytesMax))
    for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) line[this.#length++] = character >>> shift
    return undefined
  }

  #endLine(): Input | undefined {
    const length = this.#length
    const discarded = this.#discarding
    this.#length = 0
    this.#discarding = false
    return discarded ? undefined : this.#lineIn(this.#line ?? NOTHING, 0, length)
  }

  #lineIn(bytes: Uint8Array, start: number, end: number): Line {
    const found = this.#found
    found.bytes = bytes
    found.start = start
    found.end = end
    return found
  }
}

/** An ASCII character that is no control character. */
function isPlain(byte: number): boolean {
  return (byte >= 0x20 && byte < DEL) || byte === TAB
}
