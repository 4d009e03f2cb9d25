import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Router } from '../src/index.ts'
import { anyCut, bodyOf, clause, concat, cut, endsEvery, message, receive, RecordingOutbox } from './support.ts'

const ID_BYTES = 4

describe('5 Limits: the longest message', () => {
  const quote = 'a message is too long as soon as so many bytes of it have come without a NUL'
  const tooLong = 'abort 1: message-too-long\n'

  test.each([0, -1, 1.5, Number.NaN, 2 ** 30 + 1])('messageBytesMax is no %d', (wrong) => {
    expect(() => new Router({ messageBytesMax: wrong })).toThrow(RangeError)
    expect(() => new Router({ messageBytesMax: wrong })).toThrow(`messageBytesMax is ${wrong}`)
  })

  test.each([1, 2 ** 30])('messageBytesMax may be %d', (right) => {
    expect(() => new Router({ messageBytesMax: right })).not.toThrow()
  })

  // Around where the router changes its ways: the loop of its scan, and the first capacity of its memory.
  for (const limit of [1, 2, 31, 32, 33, 60, 61, 100]) {
    for (const bytes of [limit - 1, limit, limit + 1].filter((length) => length > 0)) {
      clause('R5.1', quote, `n is ${limit}: a message of ${bytes}, in each two pieces and byte by byte`, () => {
        const input = message(2, bodyOf(bytes - 1))
        const expected = bytes > limit ? tooLong : `2 <- ${Buffer.from(input.subarray(ID_BYTES)).toString('hex')}\n`
        const twoPieces = Array.from({ length: input.length }, (_, at) => [at, input.length])
        for (const ends of [...twoPieces, endsEvery(1, input.length)]) {
          const out = new RecordingOutbox()
          receive(new Router({ messageBytesMax: limit }), 1, out, ...cut(input, ends))
          expect(out.transcript, `cut at ${ends.join(' ')}`).toBe(expected)
        }
      })
    }

    clause('R5.1', quote, `n is ${limit}: at the nth byte, neither sooner nor later`, () => {
      const router = new Router({ messageBytesMax: limit })
      const out = new RecordingOutbox()
      const input = message(2, bodyOf(limit))
      receive(router, 1, out, ...cut(input, endsEvery(1, ID_BYTES + limit - 1)))
      expect(out.transcript).toBe('')
      receive(router, 1, out, Uint8Array.of(1))
      expect(out.transcript).toBe(tooLong)
    })
  }

  clause('R5.1', 'messages before it are routed, nothing of it is forwarded', 'nor of what follows it', () => {
    const input = concat([message(2, 'a'), message(2, bodyOf(10)), message(2, 'b')])
    for (let at = 0; at < input.length; at++) {
      const router = new Router({ messageBytesMax: 10 })
      const out = new RecordingOutbox()
      receive(router, 1, out, ...cut(input, [at, input.length]), message(2, 'c'), message(2, bodyOf(10)))
      expect(out.transcript, `cut at ${at}`).toBe(`2 <- 6100\n${tooLong}`)
    }
  })

  clause('R5.1', 'its sender is aborted, nobody else notices', 'in the middle of a message of theirs', () => {
    const router = new Router({ messageBytesMax: 10 })
    const out = new RecordingOutbox()
    receive(router, 2, out, message(3, 'ab').subarray(0, 5))
    receive(router, 1, out, message(3, bodyOf(10)))
    receive(router, 2, out, message(3, 'ab').subarray(5))
    expect(out.transcript).toBe(`${tooLong}3 <- 616200\n`)
  })

  test('what was remembered of an aborted client is forgotten when it is disconnected', () => {
    const router = new Router({ messageBytesMax: 10 })
    const out = new RecordingOutbox()
    receive(router, 1, out, message(2, bodyOf(10)))
    router.disconnected(1)
    receive(router, 1, out, message(2, 'a'))
    expect(out.transcript).toBe(`${tooLong}2 <- 6100\n`)
  })
})

describe('5 Limits: memory', () => {
  clause(
    'R5.1',
    'Memory held for an unfinished message never exceeds the limit plus one read.',
    'nor plus an id',
    () => {
      const anyUnfinished = fc
        .integer({ min: 1, max: 300_000 })
        .map((bytes) => message(2, bodyOf(bytes)).subarray(0, -1))
      fc.assert(
        fc.property(anyCut(anyUnfinished), fc.integer({ min: 1, max: 1000 }), ({ input, ends }, slack) => {
          const limit = input.length - ID_BYTES + slack
          const router = new Router({ messageBytesMax: limit })
          const out = new RecordingOutbox()
          for (const piece of cut(input, ends)) {
            receive(router, 1, out, piece)
            expect(router.heldBytes(1)).toBeLessThanOrEqual(ID_BYTES + limit)
          }
          expect(out.decisions).toEqual([])
        }),
        { numRuns: 30 },
      )
    },
  )

  clause('R5.6', 'queued and unfinished together', 'what has come of a message is held, and not much more', () => {
    const router = new Router({ messageBytesMax: 1000 })
    const out = new RecordingOutbox()
    for (const [index, piece] of cut(message(2, bodyOf(200)), endsEvery(1, ID_BYTES + 200)).entries()) {
      receive(router, 1, out, piece)
      expect(router.heldBytes(1)).toBeGreaterThanOrEqual(index + 1)
      expect(router.heldBytes(1)).toBeLessThanOrEqual(Math.max(64, 2 * (index + 1)))
      expect(router.heldBytes(2)).toBe(0)
    }
  })

  clause('R5.6', 'queued and unfinished together', 'nothing is held between messages or at the end', () => {
    const router = new Router({ messageBytesMax: 1000 })
    const out = new RecordingOutbox()
    const input = message(2, bodyOf(999))
    const [start, end] = [input.subarray(0, 900), input.subarray(900)]
    expect(router.heldBytes(1)).toBe(0)

    receive(router, 1, out, input)
    expect(router.heldBytes(1), 'after a whole message').toBe(0)
    receive(router, 1, out, start, end)
    expect(router.heldBytes(1), 'after a cut message').toBe(0)

    receive(router, 1, out, start, bodyOf(999))
    expect(router.heldBytes(1), 'after a message that is too long').toBe(0)

    receive(router, 2, out, start)
    expect(router.heldBytes(2), 'in the middle').toBeGreaterThanOrEqual(900)
    router.disconnected(2)
    expect(router.heldBytes(2), 'when disconnected').toBe(0)
  })
})

describe('memory and copies', () => {
  afterEach(() => void vi.restoreAllMocks())

  test('a message of 64 Ki single bytes is scanned once, and copied less than three times, its first KiB oftener', () => {
    const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
    const set = vi.spyOn(typedArray, 'set')
    const indexOf = vi.spyOn(typedArray, 'indexOf')
    const router = new Router({ messageBytesMax: 2 ** 20 })
    const out = new RecordingOutbox()
    const input = message(2, new Uint8Array(2 ** 16).fill(1))
    for (const piece of cut(input, endsEvery(1, input.length))) router.received(1, piece, out)

    const copied = set.mock.calls.reduce((sum, [source]) => sum + source.length, 0)
    let scanned = 0
    for (const bytes of indexOf.mock.contexts) scanned += bytes instanceof Uint8Array ? bytes.length : Number.NaN
    expect(out.decisions.length).toBe(1)
    expect(copied).toBeLessThan(3 * input.length + 4 * 1024)
    expect(scanned).toBeLessThanOrEqual(input.length)
  })

  test('what a message holds grows by doubling, up to the limit', () => {
    const limit = 3000
    const router = new Router({ messageBytesMax: limit })
    const capacities = new Set<number>()
    for (const piece of cut(message(2, bodyOf(limit)), endsEvery(1, ID_BYTES + limit - 1))) {
      receive(router, 1, new RecordingOutbox(), piece)
      capacities.add(router.heldBytes(1))
    }
    expect([...capacities]).toEqual([64, 128, 256, 512, 1024, 2048, ID_BYTES + limit])
  })

  test('the memory of a cut message serves the next one, whoever sends it', () => {
    const router = new Router({ messageBytesMax: 1000 })
    const out = new RecordingOutbox()
    const input = message(2, bodyOf(300))
    receive(router, 1, out, ...cut(input, [200, input.length]))
    receive(router, 2, out, message(3, 'ab').subarray(0, 5))
    expect(router.heldBytes(2)).toBe(input.length)
    receive(router, 1, out, message(3, 'ab').subarray(0, 5))
    expect(router.heldBytes(1)).toBe(64)
  })

  test('the memory of a long message does not serve a short one, but the next long one', () => {
    const router = new Router({ messageBytesMax: 200_000 })
    for (const bytes of [5_000, 15_000, 50_000, 100_000]) {
      const input = concat([message(2, bodyOf(bytes)), message(2, 'ab')])
      receive(router, 1, new RecordingOutbox(), ...cut(input, [bytes, input.length - 1]))
      expect(router.heldBytes(1)).toBe(64)
      receive(router, 3, new RecordingOutbox(), message(2, bodyOf(5_000)).subarray(0, 4_500))
      expect(router.heldBytes(3)).toBe(ID_BYTES + bytes + 1)
      receive(router, 1, new RecordingOutbox(), Uint8Array.of(0))
      router.disconnected(3)
    }
  })

  test('memory beyond 128 KiB is not kept', () => {
    const router = new Router({ messageBytesMax: 200_000 })
    receive(router, 1, new RecordingOutbox(), ...cut(message(2, bodyOf(140_000)), [100_000, 140_005]))
    receive(router, 1, new RecordingOutbox(), message(2, bodyOf(5_000)).subarray(0, 4_500))
    expect(router.heldBytes(1)).toBe(4_500)
  })

  test('a message is copied where it is sent, however large: neither its chunks nor its memory are given away', () => {
    const out = new RecordingOutbox()
    const input = message(2, bodyOf(60_000))
    receive(new Router({ messageBytesMax: 200_000 }), 1, out, input, ...cut(input, [30_000, input.length]))
    expect(out.decisions).toHaveLength(2)
    expect(out.given).toEqual([])
  })
})
