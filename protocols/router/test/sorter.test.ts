import { readFileSync } from 'node:fs'
import type { ClientId } from '@switchyard/core'
import * as fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import wabt from 'wabt'
import { Router } from '../src/index.ts'
import { StrictOutbox } from '../../test/outbox.ts'
import { MODULE, sorter } from '../src/sorter.ts'
import { anyBody, anyCut, anyId, bodyOf, concat, message, receive, RecordingOutbox } from './support.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** What each destination is sent, in the order of their first messages. */
class Deliveries extends StrictOutbox {
  calls = 0
  readonly #to = new Map<ClientId, { messages: number; readonly parts: Uint8Array[] }>()
  readonly #aborted: ClientId[] = []

  override send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length, messages = 1): void {
    this.calls++
    const known = this.#to.get(to) ?? { messages: 0, parts: [] }
    known.messages += messages
    known.parts.push(Uint8Array.from(bytes.subarray(start, end)))
    this.#to.set(to, known)
  }

  override abort(client: ClientId): void {
    this.#aborted.push(client)
  }

  get all(): string {
    const lines = [...this.#to].map(
      ([to, { messages, parts }]) => `${to} <- ${messages}: ${Buffer.concat(parts).toString('hex')}`,
    )
    return [...lines, ...this.#aborted.map((client) => `abort ${client}`)].join('\n')
  }
}

/** A few ids again and again, of which some end in the same byte, or any id. */
const sortedIds = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 2, 3, 0x101, 0x201, 0x0100_0001, 0, 0xffff_ffff) },
  { weight: 1, arbitrary: anyId },
)
const sortedBodies = fc.oneof(
  { weight: 40, arbitrary: anyBody(60) },
  { weight: 2, arbitrary: anyBody(1_600) },
  { weight: 1, arbitrary: anyBody(70_000) },
)
const sortedMessages = fc.tuple(sortedIds, sortedBodies).map(([to, body]) => message(to, body))
const manyMessages = fc
  .tuple(fc.array(sortedMessages, { minLength: 20, maxLength: 400, size: 'max' }), sortedMessages, fc.nat())
  .map(([whole, last, bytes]) => concat([...whole, last.subarray(0, bytes % last.length)]))

test('the module is its text', async () => {
  const text = readFileSync(new URL('../src/sort.wat', import.meta.url), 'utf8')
  const { buffer } = (await wabt()).parseWat('sort.wat', text, { simd: true }).toBinary({})
  expect(Buffer.from(buffer).toString('base64')).toBe(MODULE)
})

test('whether sorted or one by one, each destination is sent the same, in the same order', () => {
  fc.assert(
    fc.property(
      anyCut(manyMessages),
      fc.constantFrom(9, 1_000, 1_535, 1_536, 2 ** 20),
      ({ input, ends }, messageBytesMax) => {
        const sorted = new Deliveries()
        const oneByOne = new Deliveries()
        const pieces = ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end))
        receive(new Router({ messageBytesMax }), 1, sorted, ...pieces)
        receive(new Router({ messageBytesMax }, null), 1, oneByOne, ...pieces)
        if (sorted.all !== oneByOne.all) expect(sorted.all).toBe(oneByOne.all)
      },
    ),
    { numRuns: 100 },
  )
})

test('one call of send for each destination, and one for the message that says what a chunk brings', () => {
  const out = new Deliveries()
  const chunk = concat(Array.from({ length: 1_000 }, (_, index) => message(1 + (index % 16), bodyOf(27))))
  receive(new Router({ messageBytesMax: 1_000 }), 1, out, chunk)
  expect(out.calls).toBe(17)
  const oneByOne = new Deliveries()
  receive(new Router({ messageBytesMax: 1_000 }, null), 1, oneByOne, chunk)
  expect(out.all).toBe(oneByOne.all)
})

test('a chunk of more than 64 KiB is sorted in pieces', () => {
  const out = new Deliveries()
  receive(
    new Router({ messageBytesMax: 1_000 }),
    1,
    out,
    concat(Array.from({ length: 8_000 }, () => message(1, bodyOf(27)))),
  )
  // Four pieces, each behind a message that is sent by itself.
  expect(out.calls).toBe(8)
})

test('a long message among short ones is sent from where it lies, and sorting goes on behind it', () => {
  const out = new Deliveries()
  const short = Array.from({ length: 100 }, () => message(1, bodyOf(27)))
  receive(new Router({ messageBytesMax: 4_000 }), 1, out, concat([...short, message(1, bodyOf(3_000)), ...short]))
  // The first message, 99, the long one, the first one behind it, 99.
  expect(out.calls).toBe(5)
})

test('more destinations than there are groups', () => {
  const sorted = new Deliveries()
  const oneByOne = new Deliveries()
  const chunk = concat(Array.from({ length: 3_000 }, (_, index) => message(index % 1_000, bodyOf(index % 9))))
  receive(new Router({ messageBytesMax: 1_000 }), 1, sorted, chunk)
  receive(new Router({ messageBytesMax: 1_000 }, null), 1, oneByOne, chunk)
  expect(sorted.all).toBe(oneByOne.all)
})

test('an outbox that wants messages one at a time gets them so', () => {
  const out = new RecordingOutbox()
  receive(
    new Router({ messageBytesMax: 100 }),
    1,
    out,
    concat(Array.from({ length: 100 }, () => message(1, 'message'))),
  )
  expect(out.decisions).toHaveLength(100)
})

test('an outbox that leads to another router while messages are sent', () => {
  const inner = new Deliveries()
  const innerRouter = new Router({ messageBytesMax: 100 })
  const chunk = concat(Array.from({ length: 200 }, (_, index) => message(1 + (index % 2), 'outer')))
  const other = concat(Array.from({ length: 300 }, (_, index) => message(1 + (index % 3), 'inner')))
  class Leading extends Deliveries {
    override send(to: ClientId, bytes: Uint8Array, start?: number, end?: number, messages?: number): void {
      receive(innerRouter, 1, inner, other)
      super.send(to, bytes, start, end, messages)
    }
  }
  const out = new Leading()
  receive(new Router({ messageBytesMax: 100 }), 1, out, chunk)
  const alone = new Deliveries()
  receive(new Router({ messageBytesMax: 100 }), 1, alone, chunk)
  expect(out.all).toBe(alone.all)
})

test('the memory of a chunk brings the next one', () => {
  const router = new Router({ messageBytesMax: 100 })
  const out = new Deliveries()
  const chunk = new Uint8Array(4_000)
  for (const body of ['first', 'other']) {
    chunk.set(concat(Array.from({ length: 400 }, () => message(1, body))))
    router.received(1, chunk, out)
  }
  expect(out.all).toBe(`1 <- 800: ${'666972737400'.repeat(400)}${'6f7468657200'.repeat(400)}`)
})

test('an outbox that throws leaves the sorter as it was', () => {
  const chunk = concat(Array.from({ length: 200 }, () => message(1, 'message')))
  class Throwing extends Deliveries {
    override send(...[to, bytes, start, end, messages]: Parameters<Deliveries['send']>): void {
      super.send(to, bytes, start, end, messages)
      if (this.calls === 2) throw new RangeError('no')
    }
  }
  expect(() => receive(new Router({ messageBytesMax: 100 }), 1, new Throwing(), chunk)).toThrow('no')
  const out = new Deliveries()
  receive(new Router({ messageBytesMax: 100 }), 1, out, chunk)
  expect(out.calls).toBe(2)
})

test('without WebAssembly there is no sorter, and the router sends everything by itself', async () => {
  expect(sorter).not.toBeNull()
  vi.stubGlobal('WebAssembly', undefined)
  vi.resetModules()
  const without = await import('../src/sorter.ts')
  expect(without.sorter).toBeNull()
})
