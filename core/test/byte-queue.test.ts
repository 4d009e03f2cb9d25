import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteQueue, mergeSegments, Slabs } from '../src/byte-queue.ts'
import type { Segment } from '../src/byte-queue.ts'
import { SharedSlab } from '../src/shared-slab.ts'
import { bytesOf, bytesToGive, expectBytes, KiB, sum } from './support.ts'

const MiB = KiB * KiB

function queueOf(slabs = new Slabs(MiB)): { queue: ByteQueue; deltas: number[] } {
  const deltas: number[] = []
  return { queue: new ByteQueue(slabs, (delta) => deltas.push(delta)), deltas }
}

/** Takes everything out, as a writer does whom the operating system never keeps waiting. */
function drain(queue: ByteQueue): Uint8Array {
  const taken: Uint8Array[] = []
  while (queue.length > 0) {
    const views = queue.pin(64 * KiB)
    taken.push(...views.map((view) => Uint8Array.from(view)))
    queue.consume(sum(views.map((view) => view.length)))
  }
  return Uint8Array.from(Buffer.concat(taken))
}

function bytesIn(segment: Segment): Uint8Array {
  return Uint8Array.from(segment.bytes.subarray(segment.start, segment.end))
}

describe('slabs', () => {
  test.each([
    [1, 1024],
    [1023, 1024],
    [1024, 1024],
    [1025, 2048],
    [64 * KiB, 64 * KiB],
    [64 * KiB + 1, 64 * KiB],
  ])('for %d bytes one of %d is taken', (bytes, size) => {
    expect(new Slabs(MiB).take(bytes).length).toBe(size)
  })

  test.each([
    [1024, 128],
    [2047, 128],
    [2048, 256],
    [512 * KiB - 1, 32 * KiB],
    [512 * KiB, 64 * KiB],
    [2 ** 31, 64 * KiB],
  ])('R5.4: with a bound of %d, none is larger than %d, an eighth of it at most', (queuedBytesMax, size) => {
    expect(new Slabs(queuedBytesMax).take(MiB).length).toBe(size)
  })

  test('one that is put back is taken again, by one taker only', () => {
    const slabs = new Slabs(MiB)
    const slab = slabs.take(5000)
    slabs.put(slab)
    expect(slabs.take(5000)).toBe(slab)
    expect(slabs.take(5000)).not.toBe(slab)
  })

  test('make the words of one chunk once, however many messages are copied from it', () => {
    const slabs = new Slabs(MiB)
    const [chunk, other] = [bytesOf(1000), bytesOf(1000)]
    const words = slabs.wordsOf(chunk)
    expect(slabs.wordsOf(chunk)).toBe(words)
    expect(slabs.wordsOf(other).buffer).toBe(other.buffer)
  })

  test.each([127, 128, 129])('of %d of 64 KiB that are put back, 128 are kept: 8 MiB', (count) => {
    const slabs = new Slabs(MiB)
    const put = Array.from({ length: count }, () => slabs.take(64 * KiB))
    for (const slab of put) slabs.put(slab)
    const taken = Array.from({ length: count }, () => slabs.take(64 * KiB))
    expect(taken.filter((slab) => put.includes(slab)).length).toBe(Math.min(128, count))
    // What was taken is not counted any more.
    for (const slab of taken) slabs.put(slab)
    expect(taken).toContain(slabs.take(64 * KiB))
  })
})

describe('bytes', () => {
  test.each([0, 1, 95, 96, 97, 1023, 1024, 1025, 64 * KiB, 64 * KiB + 1, 300 * KiB])(
    '%d of them come out as they went in, whatever becomes of the memory that they came from',
    (length) => {
      const { queue, deltas } = queueOf()
      const source = bytesOf(length)
      queue.push(source)
      source.fill(255)
      expect(queue.length).toBe(length)
      expect(sum(deltas)).toBe(queue.held)
      expectBytes(drain(queue), bytesOf(length))
      expect([queue.length, queue.held, sum(deltas)]).toEqual([0, 0, 0])
    },
  )

  test.each([
    [0, 200],
    [3, 40],
    [50, 200],
    [200, 200],
  ])('a part is pushed alone: from %d to %d', (start, end) => {
    const { queue } = queueOf()
    queue.push(bytesOf(200), start, end)
    expect(queue.length).toBe(end - start)
    expectBytes(drain(queue), bytesOf(200).slice(start, end))
  })

  test.each([
    [0, 201],
    [-1, 10],
    [101, 100],
    [201, 201],
    [0, 300],
  ])('from %d to %d of 200 there are none: nothing that a slab held before goes out', (start, end) => {
    const { queue } = queueOf()
    expect(() => queue.push(bytesOf(200), start, end)).toThrow(RangeError)
    expect(() => queue.push(bytesOf(200), start, end)).toThrow(`bytes ${start} to ${end} are not a part of 200`)
    expect([queue.length, queue.held]).toEqual([0, 0])
  })

  test('that are given are not copied', () => {
    const { queue } = queueOf()
    const given = bytesOf(300 * KiB)
    queue.give(given)
    expect(queue.held).toBe(given.length)
    expect(queue.pin(1)[0]?.buffer).toBe(given.buffer)
  })

  test('that are given and short are copied: an object of their own would take more than they count', () => {
    const { queue } = queueOf()
    for (let count = 0; count < 1000; count++) queue.give(bytesOf(1, count))
    expect([queue.held, queue.pin(KiB).length]).toEqual([KiB, 1])
    expectBytes(drain(queue), bytesOf(1000))
  })

  test('R5.4: memory that is given counts whole, not by the part that is used', () => {
    const { queue } = queueOf()
    queue.give(new Uint8Array(100 * KiB).subarray(10, 20))
    expect([queue.length, queue.held]).toEqual([10, 100 * KiB])
    drain(queue)
    expect(queue.held).toBe(0)
  })

  test.each([
    [512 * KiB - 1, 1],
    [512 * KiB, 1],
    [512 * KiB + 1, 9],
  ])('of %d bytes that are given, with a bound of 1 MiB, it makes %d segments', (length, count) => {
    const { queue } = queueOf()
    queue.give(bytesOf(length))
    const segments: Segment[] = []
    for (let segment = queue.shift(); segment; segment = queue.shift()) segments.push(segment)
    expect(segments.length).toBe(count)
    expectBytes(Uint8Array.from(Buffer.concat(segments.map(bytesIn))), bytesOf(length))
  })

  test('that are given do not become slabs: their memory may be larger than they are', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.give(new Uint8Array(4 * KiB).subarray(0, KiB))
    drain(queue)
    expect(slabs.take(KiB).buffer.byteLength).toBe(KiB)
  })

  test('none that are given leave no trace', () => {
    const { queue } = queueOf()
    queue.give(new Uint8Array(0))
    queue.give(new Uint8Array(MiB).subarray(5, 5))
    expect([queue.length, queue.held, queue.shift()]).toEqual([0, 0, undefined])
  })
})

test('the end of all that was ever put in stays, whichever way it comes out', () => {
  const { queue } = queueOf()
  queue.push(bytesOf(7, 0))
  queue.shift()
  queue.push(bytesOf(5, 0))
  queue.clear()
  queue.push(bytesOf(3, 0))
  queue.consume(3)
  expect([queue.end, queue.length]).toEqual([15, 0])
})

describe('small runs', () => {
  test('share one piece of memory, so that one write carries them', () => {
    const { queue } = queueOf()
    for (let count = 0; count < 1000; count++) queue.push(bytesOf(32, count * 32))
    expect(queue.pin(64 * KiB).length).toBe(1)
    expect(queue.held).toBe(32 * KiB)
    queue.consume(1)
    expectBytes(drain(queue), bytesOf(31_999, 1))
  })

  test('hold less than twice what they are, or one small slab', () => {
    const { queue } = queueOf()
    for (let count = 1; count <= 4000; count++) {
      queue.push(bytesOf(16))
      const bound = queue.length < 32 * KiB ? Math.max(KiB, 2 * queue.length) : queue.length + 64 * KiB
      if (queue.held > bound) expect(queue.held, `at ${queue.length}`).toBeLessThanOrEqual(bound)
    }
  })

  test('fill each slab before the next is taken, which is as large', () => {
    const { queue } = queueOf()
    for (let count = 0; count < 16; count++) queue.push(bytesOf(40 * KiB))
    expect(queue.held).toBe(640 * KiB)
    queue.push(bytesOf(1))
    expect(queue.held).toBe(704 * KiB)
  })

  test('leave the slab that they have outgrown to others', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.push(bytesOf(KiB))
    const buffer = queue.pin(1).at(0)!.buffer
    queue.consume(1)
    queue.push(bytesOf(KiB, KiB))
    expect(slabs.take(KiB).buffer).toBe(buffer)
    expectBytes(drain(queue), bytesOf(2 * KiB - 1, 1))
  })

  test.each([
    ['push', 'drained', (queue: ByteQueue): void => void drain(queue)],
    ['push', 'shifted out', (queue: ByteQueue): void => void queue.shift()],
    ['push', 'cleared', (queue: ByteQueue): void => queue.clear()],
    ['give', 'drained', (queue: ByteQueue): void => void drain(queue)],
  ] as const)(
    'find room at once in a queue that was as full before, by %s, and was %s; and less each time',
    (how, _, empty) => {
      const { queue } = queueOf()
      queue[how](bytesOf(20 * KiB))
      empty(queue)
      const held: number[] = []
      for (let count = 0; count < 6; count++) {
        queue.push(bytesOf(10))
        held.push(queue.held)
        empty(queue)
      }
      expect(held).toEqual([32 * KiB, 16 * KiB, 8 * KiB, 4 * KiB, 2 * KiB, KiB])
    },
  )
})

describe('pinned bytes', () => {
  test('are the first ones, up to the limit, in as many views as they have segments', () => {
    const { queue } = queueOf()
    queue.push(bytesOf(10))
    queue.give(bytesToGive(10, 10))
    queue.push(bytesOf(10, 20))
    expect(queue.pin(25).map((view) => [...view])).toEqual([
      [...bytesOf(10)],
      [...bytesOf(10, 10)],
      [...bytesOf(5, 20)],
    ])
    expect(queue.pin(10).length).toBe(1)
    expect(queue.pin(0)).toEqual([])
  })

  test('are told to who asks only where their memory was given: a slab is filled again', () => {
    const { queue } = queueOf()
    const shared = new SharedSlab(new Uint8Array(KiB), () => {})
    const given = bytesToGive(10, 10)
    queue.push(bytesOf(10))
    queue.give(given)
    queue.push(bytesOf(10, 20))
    queue.follow({ slab: shared, followers: 0 })
    shared.put(bytesOf(10, 30), 0, 10)
    const told: Uint8Array[] = []
    expectBytes(Buffer.concat(queue.pin(KiB, (bytes) => told.push(bytes))), bytesOf(40))
    expect(told).toEqual([given])
    expect(told[0]?.buffer).toBe(given.buffer)
  })

  test('stay where they are while more is pushed', () => {
    const { queue } = queueOf()
    queue.push(bytesOf(1000))
    const view = queue.pin(64 * KiB).at(0)!
    queue.push(bytesOf(10_000, 1000))
    const other = queueOf().queue
    other.push(new Uint8Array(1000).fill(255))
    expectBytes(view, bytesOf(1000))
    queue.consume(1000)
    expectBytes(drain(queue), bytesOf(10_000, 1000))
  })

  test('survive a clear: their slab is not used again', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.push(bytesOf(1000))
    const view = queue.pin(64 * KiB).at(0)!
    queue.clear()
    expect([queue.length, queue.held]).toEqual([0, 0])
    const other = queueOf(slabs).queue
    other.push(new Uint8Array(5000).fill(255))
    queue.push(new Uint8Array(5000).fill(254))
    expectBytes(view, bytesOf(1000))
  })

  test('let their slab go once they are consumed', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.push(bytesOf(1000))
    const buffer = queue.pin(64 * KiB)[0]?.buffer
    queue.consume(1000)
    expect(slabs.take(1000).buffer).toBe(buffer)
  })

  test('of a slab that is consumed in part do not hold back the rest of it from growing', () => {
    const { queue } = queueOf()
    queue.push(bytesOf(1000))
    queue.pin(500)
    queue.consume(500)
    queue.push(bytesOf(1000, 1000))
    expect(queue.pin(64 * KiB).length).toBe(1)
    expectBytes(drain(queue), bytesOf(1500, 500))
  })
})

describe('segments', () => {
  test.each([
    [767, 767],
    [768, 1024],
    [1024, 1024],
  ])('of %d bytes in a slab of 1024 come out in memory of %d', (length, memory) => {
    const { queue } = queueOf()
    queue.push(bytesOf(length))
    const segment = queue.shift()!
    expectBytes(bytesIn(segment), bytesOf(length))
    expect(segment.bytes.buffer.byteLength).toBe(memory)
    expect([queue.length, queue.held, queue.shift()]).toEqual([0, 0, undefined])
  })

  test('that come out as a copy leave their slab to others', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.push(bytesOf(10))
    const segment = queue.shift()!
    const other = queueOf(slabs).queue
    other.push(new Uint8Array(1000).fill(255))
    expectBytes(bytesIn(segment), bytesOf(10))
  })

  test('that come out with their slab keep it to themselves', () => {
    const slabs = new Slabs(MiB)
    const { queue } = queueOf(slabs)
    queue.push(bytesOf(1000))
    const segment = queue.shift()!
    queue.push(new Uint8Array(1000).fill(255))
    expectBytes(bytesIn(segment), bytesOf(1000))
  })

  test('go into another queue, whole and in order, and nothing is pushed into them', () => {
    const slabs = new Slabs(MiB)
    const from = queueOf(slabs)
    const to = queueOf(slabs)
    from.queue.push(bytesOf(10))
    from.queue.give(bytesToGive(300, 10))
    to.queue.append(from.queue.shift()!)
    to.queue.append(from.queue.shift()!)
    to.queue.push(bytesOf(10, 310))
    expect(to.queue.length).toBe(320)
    expect(to.queue.held).toBe(sum(to.deltas))
    expectBytes(drain(to.queue), bytesOf(320))
    expect([from.queue.held, sum(from.deltas), to.queue.held, sum(to.deltas)]).toEqual([0, 0, 0, 0])
  })
})

describe('segments that are merged', () => {
  const segmentOf = (bytes: Uint8Array, pooled = false): Segment => ({
    bytes,
    capacity: bytes.buffer.byteLength,
    start: 0,
    end: bytes.length,
    pooled,
    shared: undefined,
    pinned: false,
  })

  test.each([
    [1, 1],
    [1, 1023],
    [1023, 1],
    [512, 512],
  ])('of %d and %d bytes are one, as large as both', (first, second) => {
    const merged = mergeSegments(segmentOf(bytesOf(first)), segmentOf(bytesOf(second, first)))!
    expectBytes(bytesIn(merged), bytesOf(first + second))
    expect([merged.capacity, merged.bytes.buffer.byteLength, merged.pooled]).toEqual([
      first + second,
      first + second,
      false,
    ])
  })

  test('are short, fill their memory, and are no slabs', () => {
    const short = segmentOf(bytesOf(1))
    for (const other of [
      segmentOf(bytesOf(1024)),
      segmentOf(bytesOf(1), true),
      segmentOf(new Uint8Array(10).subarray(0, 5)),
      { ...segmentOf(bytesOf(10)), start: 1 },
    ]) {
      expect(mergeSegments(short, other)).toBeUndefined()
      expect(mergeSegments(other, short)).toBeUndefined()
    }
  })
})

// Any history ----------------------------------------------------------------------------------------------------------

type Act =
  | { readonly kind: 'push' | 'give'; readonly length: number; readonly margin: number }
  | { readonly kind: 'pin'; readonly bytesMax: number }
  | { readonly kind: 'accepted' | 'shift' | 'append' | 'clear' }

const anyLength = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 0, max: 5000 }), fc.nat(70_000))

const anyAct: fc.Arbitrary<{ readonly of: 0 | 1; readonly act: Act }> = fc.record({
  of: fc.constantFrom(0 as const, 1 as const),
  act: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('push' as const), length: anyLength, margin: fc.nat(200) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('give' as const), length: anyLength, margin: fc.nat(200) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('pin' as const),
        bytesMax: fc.oneof(fc.constant(64 * KiB), fc.integer({ min: 1, max: 3000 })),
      }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('accepted' as const, 'shift' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('append' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  ),
})

/** A queue, and beside it what should be in it. */
class Modelled {
  readonly queue: ByteQueue
  expected: Uint8Array = new Uint8Array(0)
  /** Views that a write is still reading, and what it should find there. */
  pinned: readonly View[] = []
  accounted = 0
  given = 0

  constructor(slabs: Slabs) {
    this.queue = new ByteQueue(slabs, (delta) => (this.accounted += delta))
  }

  put(bytes: Uint8Array): void {
    this.expected = Uint8Array.from(Buffer.concat([this.expected, bytes]))
  }

  /** Takes out of the model what came out of the queue. */
  take(bytes: Uint8Array): void {
    expectBytes(bytes, this.expected.subarray(0, bytes.length))
    this.expected = this.expected.slice(bytes.length)
  }

  check(slabs: Slabs): void {
    const { queue } = this
    // `expect` costs more than the queue: it is only asked where it has something to say.
    if (queue.length !== this.expected.length) expect(queue.length, 'length').toBe(this.expected.length)
    if (queue.held !== this.accounted) expect(queue.held, 'held').toBe(this.accounted)
    if (queue.held < queue.length) expect(queue.held, 'held').toBeGreaterThanOrEqual(queue.length)
    if (queue.length === 0 && queue.held !== 0) expect(queue.held, 'held by nothing').toBe(0)
    // Each run between two given segments is in slabs: all full but the last, which doubled to fit.
    const bound = 2 * queue.length + (this.given + 1) * slabs.bytesMin + 2 * slabs.bytesMax
    if (queue.held > bound) expect(queue.held, `to hold ${queue.length}`).toBeLessThanOrEqual(bound)
    for (const view of this.pinned) checkView(view)
  }
}

interface View {
  readonly bytes: Uint8Array
  readonly were: Uint8Array
}

function checkView({ bytes, were }: View): void {
  expectBytes(bytes, were)
}

test.each([1024, 20_000, MiB])(
  'in any history of two queues that share slabs, with a bound of %d, each holds its own bytes and nothing moves while it is read',
  (queuedBytesMax) => {
    fc.assert(
      fc.property(fc.array(anyAct, { maxLength: 60, size: 'max' }), (acts) => {
        const slabs = new Slabs(queuedBytesMax)
        const queues = [new Modelled(slabs), new Modelled(slabs)] as const
        /** Taken out, and not in a queue again. */
        const loose: { readonly segment: Segment; readonly were: Uint8Array }[] = []
        /** Still being read although their queue was cleared. */
        const orphans: View[] = []
        let next = 0
        const fresh = (length: number): Uint8Array => bytesOf(length, (next += length) - length)

        for (const { of, act } of acts) {
          const modelled = queues[of]
          const { queue, pinned } = modelled
          switch (act.kind) {
            case 'push':
            case 'give': {
              const { length, margin } = act
              const bytes = fresh(length)
              const source = new Uint8Array(length + 2 * margin).fill(252)
              source.set(bytes, margin)
              if (act.kind === 'push') {
                queue.push(source, margin, margin + length)
                source.fill(253)
              } else {
                queue.give(source.subarray(margin, margin + length))
                // What is given counts with its margins, and is copied when it is large: then it has none.
                if (source.length <= slabs.givenBytesMax && length > 0)
                  modelled.given += 1 + (2 * margin) / slabs.bytesMin
              }
              modelled.put(bytes)
              break
            }
            case 'pin': {
              if (pinned.length > 0) break
              const views = queue.pin(act.bytesMax)
              modelled.pinned = views.map((bytes) => ({ bytes, were: Uint8Array.from(bytes) }))
              const all = Buffer.concat(views)
              expect(all.length).toBe(Math.min(act.bytesMax, modelled.expected.length))
              expectBytes(all, modelled.expected.subarray(0, all.length))
              break
            }
            case 'accepted':
              if (pinned.length === 0) break
              modelled.pinned = []
              queue.consume(sum(pinned.map(({ bytes }) => bytes.length)))
              modelled.take(Buffer.concat(pinned.map(({ were }) => were)))
              break
            case 'shift': {
              if (pinned.length > 0) break
              const held = queue.held
              const segment = queue.shift()
              if (!segment) {
                expect(modelled.expected.length).toBe(0)
                break
              }
              const were = bytesIn(segment)
              modelled.take(were)
              const memory = segment.bytes.buffer.byteLength
              expect(queue.held, 'held').toBeLessThanOrEqual(held - were.length)
              if (segment.pooled) expect(were.length * 4, `in ${memory}`).toBeGreaterThanOrEqual(memory * 3)
              loose.push({ segment, were })
              break
            }
            case 'append': {
              const one = loose.shift()
              if (!one) break
              queue.append(one.segment)
              modelled.put(one.were)
              modelled.given += 1 + one.segment.bytes.buffer.byteLength / slabs.bytesMin
              break
            }
            case 'clear':
              queue.clear()
              orphans.push(...pinned)
              modelled.pinned = []
              modelled.expected = new Uint8Array(0)
              break
          }
          for (const one of queues) one.check(slabs)
          for (const { segment, were } of loose) expectBytes(segment.bytes.subarray(segment.start, segment.end), were)
          for (const view of orphans) checkView(view)
        }

        for (const { queue, expected, pinned } of queues) {
          queue.consume(sum(pinned.map(({ bytes }) => bytes.length)))
          expectBytes(Buffer.concat([...pinned.map(({ were }) => were), drain(queue)]), expected)
        }
        for (const { queue, accounted } of queues) expect([queue.held, queue.length, accounted]).toEqual([0, 0, 0])
      }),
      { numRuns: 150 },
    )
  },
)
