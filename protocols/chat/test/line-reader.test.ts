import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineReader } from '../src/line-reader.ts'
import { allEnds, anyCut, bytesOf, clause, cut } from './support.ts'

const MAX = 400

/** Each line in quotes, anything else by its name. */
function read(pieces: readonly Uint8Array[], lineBytesMax = MAX): string[] {
  const reader = new LineReader(lineBytesMax)
  const inputs: string[] = []
  for (const piece of pieces) {
    const chunk = Uint8Array.from(piece)
    reader.feed(chunk)
    for (let input = reader.next(); input; input = reader.next()) {
      inputs.push(
        input.kind === 'line' ? JSON.stringify(decode(input.bytes.subarray(input.start, input.end))) : input.kind,
      )
      if (input.kind === 'invalid-utf8') return inputs
    }
    chunk.fill(0xee)
  }
  return inputs
}

function decode(text: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
}

/** The reader as the clauses tell it, with the platform's own decoder: what is before the first invalid byte, line by line. */
function reference(input: Uint8Array, lineBytesMax = MAX): string[] {
  const inputs: string[] = []
  let line = ''
  let tooLong = false
  for (const character of decodedUntilInvalid(input)) {
    if (character === undefined) return [...inputs, 'invalid-utf8']
    if (character === '\n') {
      if (!tooLong) inputs.push(JSON.stringify(line))
      line = ''
      tooLong = false
    } else if (!tooLong && !/[^\P{Cc}\t]/u.test(character)) {
      line += character
      tooLong = bytesOf(line).length > lineBytesMax
      if (tooLong) inputs.push('too-long')
    }
  }
  return inputs
}

/** The characters, then undefined where no further bytes could make the input valid; nothing for an unfinished one. */
function* decodedUntilInvalid(input: Uint8Array): Generator<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (const byte of input) {
    let text: string
    try {
      text = decoder.decode(Uint8Array.of(byte), { stream: true })
    } catch {
      yield undefined
      return
    }
    yield* text
  }
}

function repeat(byte: string, count: number): string {
  return byte.repeat(count)
}

describe('C1 Wire: lines', () => {
  clause('C1.1', 'A line ends with LF or CRLF', 'the same text either way, empty lines too', () => {
    expect(read([bytesOf('one\ntwo\r\n\n\r\nthree')])).toEqual(['"one"', '"two"', '""', '""'])
  })

  clause('C1.2', 'TCP segmentation carries no meaning', 'cut in each of 4,096 ways', () => {
    const input = bytesOf('a\r\né\n\u{1f600}b\n')
    expect(input.length).toBe(12)
    for (const ends of allEnds(input.length)) {
      expect(read(cut(input, ends)), ends.join(' ')).toEqual(['"a"', '"é"', '"\u{1f600}b"'])
    }
  })

  clause('C1.2', 'TCP segmentation carries no meaning', 'anything, cut at random', () => {
    const anyPiece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }).map(bytesOf),
      fc.constantFrom('\n', '\r\n', '\u009b', '\u001b', '\u{10ffff}').map(bytesOf),
      fc.uint8Array({ maxLength: 3, max: 254 }),
    )
    const anyInput = fc.array(anyPiece, { maxLength: 30 }).map((pieces) => Uint8Array.from(Buffer.concat(pieces)))
    fc.assert(
      fc.property(anyCut(anyInput), fc.integer({ min: 1, max: 40 }), ({ input, ends }, lineBytesMax) => {
        expect(read(cut(input, ends), lineBytesMax)).toEqual(reference(input, lineBytesMax))
      }),
      { numRuns: 500 },
    )
  })

  for (const [what, character] of [
    ['ASCII', 'a'],
    ['of two bytes', 'é'],
    ['of four bytes', '\u{1f600}'],
  ] as const) {
    clause(
      'C1.3',
      'A line has at most 400 bytes',
      `n - 1, n, n + 1 characters, ${what}, whole and byte by byte`,
      () => {
        const most = MAX / bytesOf(character).length
        for (const end of ['\n', '\r\n']) {
          for (const count of [most - 1, most, most + 1]) {
            const input = bytesOf(`${repeat(character, count)}${end}next\n`)
            const line = count > most ? 'too-long' : JSON.stringify(repeat(character, count))
            const single = Array.from(input, (_, index) => index + 1)
            expect(read([input])).toEqual([line, '"next"'])
            expect(read(cut(input, single))).toEqual([line, '"next"'])
          }
        }
      },
    )
  }

  clause('C1.3', 'as soon as the 401st comes', 'neither sooner nor later, and once', () => {
    const reader = new LineReader(MAX)
    reader.feed(bytesOf(repeat('a', MAX)))
    expect(reader.next()).toBe(undefined)
    reader.feed(bytesOf(repeat('a', 100_000)))
    expect(reader.next()).toEqual({ kind: 'too-long' })
    expect(reader.next()).toBe(undefined)
    expect(reader.heldBytes).toBe(0)
  })

  test('holds memory only for a line that a chunk cuts', () => {
    const reader = new LineReader(MAX)
    for (const [text, held] of [
      ['a\né\n', 0],
      ['b', MAX],
      ['c\r', MAX],
      ['\n', 0],
      ['d\ne', MAX],
    ] as const) {
      reader.feed(bytesOf(text))
      while (reader.next());
      expect(reader.heldBytes, JSON.stringify(text)).toBe(held)
    }
  })
})

describe('C1 Wire: UTF-8', () => {
  /** Unicode 15, table 3-7, by its edges: none of them begins any valid sequence. */
  const invalid = [
    [0x80], [0xbf], [0xc0], [0xc1], [0xf5], [0xfe],
    [0xc3, 0x28], [0xc3, 0xc3], [0xe0, 0x9f], [0xe0, 0xa0, 0x0a], [0xe2, 0x82, 0x28], [0xe2, 0x28],
    [0xed, 0xa0], [0xed, 0xbf], [0xf0, 0x8f], [0xf0, 0x90, 0x80, 0x20], [0xf0, 0x90, 0x28], [0xf4, 0x90], [0xf4, 0xbf],
  ] // prettier-ignore

  test.each(invalid.map((bytes) => [Buffer.from(bytes).toString('hex'), bytes] as const))(
    'C1.4 "closes the connection": %s, cut anywhere, at its last byte and not before',
    (_, bytes) => {
      for (const before of ['a\nb', 'a\n']) {
        const input = Uint8Array.from([...bytesOf(before), ...bytes])
        for (let at = 0; at < input.length; at++) {
          const pieces = [input.subarray(0, at), input.subarray(at)]
          expect(read(pieces), `cut at ${at}`).toEqual(['"a"', 'invalid-utf8'])
          expect(read([input.subarray(0, at)]), `before ${at}`).not.toContain('invalid-utf8')
        }
      }
    },
  )

  clause('C1.4', 'Every character', 'the first and last of each length go through', () => {
    const edges = ['\u00a0', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '\ufeff']
    for (const edge of edges) expect(read([bytesOf(`${edge}\n`)])).toEqual([JSON.stringify(edge)])
  })

  clause('C1.4', 'in a line that is discarded too', 'an invalid byte is seen there', () => {
    expect(read([Uint8Array.from([...bytesOf(repeat('a', 500)), 0xc0])])).toEqual(['too-long', 'invalid-utf8'])
  })
})

describe('C1 Wire: control characters and telnet', () => {
  clause('C1.5', 'Control characters are dropped', 'all but TAB, of one byte and of two', () => {
    for (let code = 0; code < 0xa0; code++) {
      if (code === 0x0a || (code >= 0x20 && code < 0x7f)) continue
      const character = String.fromCodePoint(code)
      expect(read([bytesOf(`a${character}b\n`)]), `U+${code.toString(16)}`).toEqual([code === 9 ? '"a\\tb"' : '"ab"'])
    }
  })

  clause('C1.5', 'What is dropped does not count', '400 characters with an ESC before each', () => {
    expect(read([bytesOf(`${repeat('\u001ba\u009b', MAX)}\n`)])).toEqual([JSON.stringify(repeat('a', MAX))])
  })

  const telnet = [
    ['WILL, WONT, DO, DONT', [255, 251, 10, 255, 252, 255, 255, 253, 31, 255, 254, 1]],
    [
      'a subnegotiation with lines, an escaped IAC and a stray command in it',
      [255, 250, 24, 10, 255, 255, 240, 255, 241, 10, 255, 240],
    ],
    ['NOP, DM, AO, AYT, EC, EL, GA', [255, 241, 255, 242, 255, 245, 255, 246, 255, 247, 255, 248, 255, 249]],
  ] as const
  for (const [what, commands] of telnet) {
    clause('C1.6', 'Telnet’s commands are skipped', `${what}, cut anywhere, within a character too`, () => {
      for (const [before, after] of [
        [bytesOf('\n'), bytesOf('é\n')],
        [[0x0a, 0xc3], Uint8Array.of(0xa9, 0x0a)],
      ] as const) {
        const input = Uint8Array.from([...before, ...commands, ...after])
        for (let at = 0; at <= input.length; at++) {
          expect(read([input.subarray(0, at), input.subarray(at)]), `cut at ${at}`).toEqual(['""', '"é"'])
        }
      }
    })
  }

  test.each([236, 238, 243, 244])('C1.6 "^C and ^D end the connection": IAC %d', (command) => {
    expect(read([Uint8Array.of(0x61, 255), Uint8Array.of(command)])).toEqual(['interrupt'])
  })

  clause('C1.6', 'a doubled IAC is a byte of text', 'and no UTF-8', () => {
    expect(read([Uint8Array.of(255), Uint8Array.of(255)])).toEqual(['invalid-utf8'])
  })
})

describe('C1 Wire: what a read costs', () => {
  const READ_BYTES = 8 * 1024
  const hostile = [
    ['a line without end', 'a'],
    ['a line without end of longer characters', 'é'],
    ['empty lines', '\n'],
    ['lines of two bytes', 'a\r\n'],
    ['lines that are not plain at their end', `${repeat('a', MAX - 2)}é\n`],
    ['lines one byte too long', `${repeat('a', MAX + 1)}\n`],
    ['control characters', '\u001b\u0007\u009b'],
    ['a control character before each letter', '\u001ba'],
    ['a command that is sent again and again', '/name ann\n'],
  ] as const
  test.each(hostile)('%s: each byte is looked at four times at most, however the reads are cut', (_, text) => {
    const all = bytesOf(repeat(text, Math.ceil(READ_BYTES / text.length))).subarray(0, READ_BYTES)
    for (const chunkBytes of [READ_BYTES, 1000, 7]) {
      const reader = new LineReader(MAX)
      let looks = 0
      for (let at = 0; at < all.length; at += chunkBytes) {
        reader.feed(counting(all.subarray(at, at + chunkBytes), () => looks++))
        let input = reader.next()
        while (input) input = reader.next()
      }
      expect(looks, `in reads of ${chunkBytes} bytes`).toBeLessThanOrEqual(4 * all.length)
    }
  })
})

/** The same bytes. `look` hears of each time that one of them is asked for. */
function counting(bytes: Uint8Array, look: () => void): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) look()
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
