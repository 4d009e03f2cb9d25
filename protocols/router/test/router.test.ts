import * as fc from 'fast-check'
import { describe, expect } from 'vitest'
import { Router } from '../src/index.ts'
import {
  allEnds,
  anyCut,
  anyId,
  anyInput,
  bodyOf,
  clause,
  concat,
  cut,
  endsEvery,
  expectReference,
  message,
  receive,
  RecordingOutbox,
  reference,
  transcript,
} from './support.ts'

const messageBytesMax = 1000

/** What a new router decides on chunks of client 1. */
function decisionsOn(...chunks: readonly Uint8Array[]): string {
  const out = new RecordingOutbox()
  receive(new Router({ messageBytesMax }), 1, out, ...chunks)
  return out.transcript
}

function expectReferenceCutInEachWay(input: Uint8Array, limit: number): void {
  const expected = Array.from({ length: input.length + 1 }, (_, bytes) =>
    transcript(reference(1, input.subarray(0, bytes), limit)),
  )
  for (const ends of allEnds(input.length)) {
    expectReference(new Router({ messageBytesMax: limit }), input, ends, (bytes) => expected[bytes])
  }
}

describe('1 Wire format', () => {
  clause('R1.1', 'Integers are unsigned 32-bit, network byte order', 'the first of four bytes weighs most', () => {
    const to = 0x8102_0304
    expect(decisionsOn(Uint8Array.of(0x81, 0x02, 0x03, 0x04, 0x61, 0))).toBe(`${to} <- 6100\n`)
  })

  clause('R1.1', 'Integers are unsigned 32-bit, network byte order', 'any of them names a destination', () => {
    fc.assert(
      fc.property(anyId, (to) => {
        expect(decisionsOn(message(to, 'a'))).toBe(`${to} <- 6100\n`)
      }),
    )
  })

  clause('R1.2', "are the client's id. Nothing precedes them.", 'the greeting is the id and no more', () => {
    const client = 0x7102_0384
    const out = new RecordingOutbox()
    new Router({ messageBytesMax }).connected(client, out)
    expect(out.transcript).toBe(`${client} <- 71020384\n`)
  })

  clause('R1.3', 'The shortest message is therefore 5 bytes.', 'an empty body arrives as its NUL', () => {
    expect(decisionsOn(Uint8Array.of(0, 0, 0, 2, 0))).toBe('2 <- 00\n')
  })

  clause('R1.4', 'the body and its NUL, byte for byte, without the id', 'every value that a body may have', () => {
    const out = new RecordingOutbox()
    receive(new Router({ messageBytesMax }), 1, out, message(2, bodyOf(255)))
    expect(out.decisions).toEqual([{ kind: 'message', to: 2, bytes: concat([bodyOf(255), Uint8Array.of(0)]) }])
  })

  clause('R1.5', 'a message split at any byte', 'each input of 0 and 1 of up to 9 bytes, cut in each way', () => {
    for (let length = 1; length <= 9; length++) {
      for (let bits = 0; bits < 2 ** length; bits++) {
        const input = Uint8Array.from({ length }, (_, index) => (bits >> index) & 1)
        expectReferenceCutInEachWay(input, 3)
      }
    }
  })

  clause('R1.5', 'a message split at any byte', 'inputs of 13 bytes, cut in each of 4,096 ways', () => {
    const anyByte = fc.oneof({ arbitrary: fc.constant(0), weight: 2 }, { arbitrary: fc.nat(255), weight: 1 })
    const anyShortInput = fc.array(anyByte, { minLength: 13, maxLength: 13 }).map((bytes) => Uint8Array.from(bytes))
    const anyLimit = fc.integer({ min: 1, max: 8 })
    fc.assert(fc.property(anyShortInput, anyLimit, expectReferenceCutInEachWay), { numRuns: 12 })
  })

  clause('R1.5', 'and any number of messages in one segment', 'long inputs, cut at random', () => {
    fc.assert(
      fc.property(anyCut(anyInput(400)), fc.constantFrom(100, 300, 1000), ({ input, ends }, limit) => {
        const router = new Router({ messageBytesMax: limit })
        expectReference(router, input, ends, (bytes) => transcript(reference(1, input.subarray(0, bytes), limit)))
      }),
      { numRuns: 300 },
    )
  })

  clause('R1.5', 'TCP segmentation carries no meaning', 'nor does an empty chunk', () => {
    const nothing = new Uint8Array(0)
    const [start, end] = [message(2, 'ab').subarray(0, 5), message(2, 'ab').subarray(5)]
    expect(decisionsOn(nothing, start, nothing, end, nothing)).toBe('2 <- 616200\n')
  })
})

describe('3 Routing', () => {
  clause('R3.1', 'delivered to that client and to no other', 'senders that take turns at random, cut at random', () => {
    const anyInputs = fc.array(anyCut(anyInput(100)), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(anyInputs, fc.infiniteStream(fc.nat()), (inputs, turns) => {
        const router = new Router({ messageBytesMax })
        const senders = inputs.map(({ input, ends }, index) => {
          return { client: index + 1, input, pieces: cut(input, ends), out: new RecordingOutbox() }
        })
        for (let waiting = senders; waiting.length > 0; waiting = waiting.filter(({ pieces }) => pieces.length > 0)) {
          const sender = waiting.at(turns.next().value % waiting.length)
          if (sender) receive(router, sender.client, sender.out, ...sender.pieces.splice(0, 1))
        }
        for (const { client, input, out } of senders) {
          expect(out.transcript).toBe(transcript(reference(client, input, messageBytesMax)))
        }
      }),
    )
  })

  clause('R3.2', 'messages MUST arrive in the order sent', 'a cut one before whole ones, whatever its size', () => {
    for (const bytes of [1, 500, 20_000]) {
      const input = concat([message(2, bodyOf(bytes)), message(2, 'b'), message(2, 'c')])
      const out = new RecordingOutbox()
      receive(new Router({ messageBytesMax: 30_000 }), 1, out, ...cut(input, [bytes, input.length]))
      expect(out.transcript).toBe(transcript(reference(1, input, 30_000)))
    }
  })

  clause('R3.3', 'the bytes of two messages MUST never interleave', 'two senders, byte by byte in turn', () => {
    const router = new Router({ messageBytesMax })
    const out = new RecordingOutbox()
    const [fromOne, fromTwo] = [message(3, 'aaaaaaaa'), message(3, 'bbbbbbbb')]
    for (let at = 0; at < fromOne.length; at++) {
      receive(router, 1, out, fromOne.subarray(at, at + 1))
      receive(router, 2, out, fromTwo.subarray(at, at + 1))
    }
    expect(out.transcript).toBe('3 <- 616161616161616100\n3 <- 626262626262626200\n')
  })

  clause('R3.5', 'MUST NOT be forwarded, in whole or part, before its NUL has been read', 'however long', () => {
    const router = new Router({ messageBytesMax: 200_000 })
    const out = new RecordingOutbox()
    const input = message(2, bodyOf(150_000))
    receive(router, 1, out, ...cut(input, endsEvery(10_000, input.length - 1)))
    expect(out.decisions).toEqual([])
    receive(router, 1, out, Uint8Array.of(0))
    expect(out.transcript).toBe(transcript(reference(1, input, 200_000)))
  })

  clause('R3.6', 'A client MAY send to itself; the message comes back to it.', 'like any other', () => {
    expect(decisionsOn(message(1, 'a'))).toBe('1 <- 6100\n')
  })

  clause('R3.7', 'the sender stays connected, and its next messages are routed', 'whoever is there', () => {
    const [toNobody, toStranger, toClient] = [message(0, 'a'), message(999, 'b'), message(2, 'c')]
    expect(decisionsOn(toNobody, toStranger, toClient)).toBe('0 <- 6100\n999 <- 6200\n2 <- 6300\n')
  })
})

describe('4 Endings', () => {
  clause('R4.1', 'an incomplete one is discarded', 'a message cut by the end at any byte', () => {
    const last = message(2, 'bc')
    for (let bytes = 0; bytes < last.length; bytes++) {
      const router = new Router({ messageBytesMax })
      const out = new RecordingOutbox()
      router.connected(1, out)
      receive(router, 1, out, concat([message(2, 'a'), last.subarray(0, bytes)]))
      router.disconnected(1)
      expect(out.transcript).toBe('1 <- 00000001\n2 <- 6100\n')
    }
  })

  clause('R4.2', 'what was held for it is freed, and no other client notices', 'nor does the next one', () => {
    const router = new Router({ messageBytesMax })
    const out = new RecordingOutbox()
    receive(router, 1, out, message(9, 'a').subarray(0, 5))
    receive(router, 2, out, message(9, 'bc').subarray(0, 5))
    router.disconnected(1)
    receive(router, 2, out, message(9, 'bc').subarray(5))
    receive(router, 3, out, message(9, 'd'))
    expect(out.transcript).toBe('9 <- 626300\n9 <- 6400\n')
  })
})
