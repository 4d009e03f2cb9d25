import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClientDecoder, encodeMessage, Router } from '../src/index.ts'
import {
  allEnds,
  anyBody,
  anyCut,
  anyId,
  bodyOf,
  clause,
  concat,
  cut,
  endsEvery,
  message,
  receive,
  RecordingOutbox,
} from './support.ts'

const limits = { messageBytesMax: 1000 }
const id = Uint8Array.of(0x81, 2, 0, 4)
const NUL = Uint8Array.of(0)

/** Hands over Node's own kind of chunk, whose `slice` copies nothing, and uses its memory again afterwards. */
function decode(decoder: ClientDecoder, piece: Uint8Array): Uint8Array[] {
  const chunk = Buffer.from(piece)
  const bodies = decoder.decode(chunk)
  chunk.fill(0xee)
  return bodies
}

describe('what a client writes', () => {
  clause('R1.3', "the destination's id (4 bytes), a body", 'and one NUL, for any id and body', () => {
    fc.assert(
      fc.property(anyId, anyBody(100), (to, body) => {
        expect(encodeMessage(to, body)).toEqual(message(to, body))
      }),
    )
  })

  clause('R1.3', 'none of which is NUL', 'a body with one is refused, and told where', () => {
    expect(() => encodeMessage(2, Uint8Array.of(1, 2, 0, 3, 0))).toThrow(RangeError)
    expect(() => encodeMessage(2, Uint8Array.of(1, 2, 0, 3, 0))).toThrow('NUL at 2')
    expect(() => encodeMessage(2, NUL)).toThrow('NUL at 0')
  })

  test.each([-1, 1.5, 2 ** 32, Number.NaN])('R1.1 "Integers are unsigned 32-bit": %d is none', (to) => {
    expect(() => encodeMessage(to, new Uint8Array(0))).toThrow(RangeError)
    expect(() => encodeMessage(to, new Uint8Array(0))).toThrow(`id is ${to}`)
  })
})

describe('what a client reads', () => {
  clause('R1.2', "are the client's id. Nothing precedes them.", 'known when all four have come', () => {
    const decoder = new ClientDecoder(limits)
    for (const byte of id) {
      expect(decoder.id).toBe(undefined)
      expect(decoder.decode(Uint8Array.of(byte))).toEqual([])
    }
    expect(decoder.id).toBe(0x8102_0004)
    decoder.decode(message(7, 'a'))
    expect(decoder.id).toBe(0x8102_0004)
  })

  clause('R1.5', 'TCP segmentation carries no meaning', 'messages and a beginning, cut in each of 2,048 ways', () => {
    const bodies = [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 255)]
    const input = concat([id, ...bodies.flatMap((body) => [body, NUL]), Uint8Array.of(3, 4)])
    expect(input.length).toBe(12)
    for (const ends of allEnds(input.length)) {
      const decoder = new ClientDecoder(limits)
      expect(cut(input, ends).flatMap((piece) => decode(decoder, piece))).toEqual(bodies)
    }
  })

  clause('R1.5', 'TCP segmentation carries no meaning', 'long messages, cut at random', () => {
    const anyStream = fc.array(anyBody(300)).map((bodies) => concat([id, ...bodies.flatMap((body) => [body, NUL])]))
    fc.assert(
      fc.property(anyCut(anyStream), ({ input, ends }) => {
        const decoder = new ClientDecoder(limits)
        const bodies = cut(input, ends).flatMap((piece) => decode(decoder, piece))
        expect(concat([id, ...bodies.flatMap((body) => [body, NUL])])).toEqual(input)
        expect(bodies.every((body) => !body.includes(0))).toBe(true)
      }),
    )
  })

  clause('R1.4', 'the body and its NUL, byte for byte, without the id', 'from client to client', () => {
    fc.assert(
      fc.property(fc.array(anyBody(100)), (bodies) => {
        const router = new Router(limits)
        const out = new RecordingOutbox()
        router.connected(1, out)
        for (const body of bodies) receive(router, 2, out, encodeMessage(1, body))
        const written = out.decisions.map((decision) => (decision.kind === 'message' ? decision.bytes : NUL))
        const decoder = new ClientDecoder(limits)
        expect(decoder.decode(concat(written))).toEqual(bodies)
        expect(decoder.id).toBe(1)
      }),
    )
  })

  test.each([1, 2, 64, 100])('n is %d: a message of n bytes is read, one of n + 1 is not', (limit) => {
    for (const pieceBytes of [1, 1000]) {
      const longest = concat([id, bodyOf(limit - 1), NUL])
      const longer = concat([id, bodyOf(limit), NUL])
      const decoder = new ClientDecoder({ messageBytesMax: limit })
      const bodies = cut(longest, endsEvery(pieceBytes, longest.length)).flatMap((piece) => decode(decoder, piece))
      expect(bodies).toEqual([bodyOf(limit - 1)])
      for (const length of [longer.length - 1, longer.length]) {
        const other = new ClientDecoder({ messageBytesMax: limit })
        expect(() => {
          for (const piece of cut(longer, endsEvery(pieceBytes, length))) decode(other, piece)
        }).toThrow(RangeError)
      }
    }
  })

  test('messageBytesMax is checked', () => {
    expect(() => new ClientDecoder({ messageBytesMax: Number.NaN })).toThrow('messageBytesMax is NaN')
  })
})
