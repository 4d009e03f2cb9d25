import { Random } from '@switchyard/core'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { cut } from '@switchyard/conformance'
import { variableOf } from '@switchyard/harness'
import { Client } from '../../suite/client/client.ts'
import { Input } from '../../../../shared-tests/conformance/src/session/input.ts'
import { message, readId } from '../../suite/client/message.ts'
import { Arrivals, Numbered } from '../../suite/client/numbered.ts'

describe('the suite’s own encoder', () => {
  test('writes the id big-endian, the body, and one NUL', () => {
    expect([...message(0x01020304, 'hi')]).toEqual([1, 2, 3, 4, 0x68, 0x69, 0])
    expect([...message(0xfffffffe)]).toEqual([0xff, 0xff, 0xff, 0xfe, 0])
    expect(readId(message(0xfffffffe))).toBe(0xfffffffe)
  })

  test('cuts bytes where it is told to', () => {
    const pieces = cut(Uint8Array.of(1, 2, 3, 4, 5), [1, 4])
    expect(pieces.map((piece) => [...piece])).toEqual([[1], [2, 3, 4], [5]])
  })
})

describe('input', () => {
  test('gives back what was put in, however it was cut and is taken', () => {
    const random = new Random(7)
    const bytes = Uint8Array.from({ length: 2_000 }, () => random.integer(0, 5))
    const input = new Input()
    const taken: number[] = []
    for (let start = 0; start < bytes.length;) {
      const length = random.integer(0, 50)
      input.push(bytes.subarray(start, start + length))
      start += length
      if (random.integer(0, 2) > 0) taken.push(...input.take(random.integer(0, input.length)))
      const rest = bytes.subarray(taken.length, start)
      const nul = rest.indexOf(0)
      expect(input.before(0)).toBe(nul < 0 ? undefined : nul)
      expect([...input.peek(9)]).toEqual([...rest.subarray(0, 9)])
      expect(input.length).toBe(rest.length)
    }
    taken.push(...input.take(input.length))
    expect(taken).toEqual([...bytes])
  })

  test('has no more than it has', () => {
    expect(() => new Input().take(1)).toThrow(RangeError)
  })
})

describe('arrivals', () => {
  const alice = new Numbered('alice', () => 20)
  const bob = new Numbered('bob', (number) => number * 100)

  test('of two senders may alternate in any way', async () => {
    const bodies = [alice.body(0), bob.body(0), bob.body(1), alice.body(1), bob.body(2)]
    const arrivals = await arrive(bodies)
    expect([arrivals.count, arrivals.countOf(alice), arrivals.countOf(bob)]).toEqual([5, 2, 3])
  })

  test.each([
    ['a gap', [alice.body(0), alice.body(2)], 'expected message 1 of alice, received 2: messages are missing'],
    ['a repetition', [alice.body(0), alice.body(0)], 'expected message 1 of alice, received 0: it came twice'],
    ['a cut body', [bob.body(0), bob.body(1).subarray(0, 60)], 'message 1 of bob: expected 100 bytes, received 60'],
    ['bytes of another', [concat(bob.body(0), alice.body(0))], 'message 0 of bob: expected 6 bytes, received 26'],
    ['a stranger', [new Numbered('carol', () => 9).body(0)], 'a message of a known sender'],
  ])('with %s fail', async (_, bodies, text) => {
    await expect(arrive(bodies)).rejects.toThrow(text)
  })

  test('tell messages of different senders and numbers apart by every byte of the filler', () => {
    const [a, b] = [alice.body(1), alice.body(2)]
    for (let i = 8; i < 20; i++) expect(a[i]).not.toBe(b[i])
  })

  async function arrive(bodies: readonly Uint8Array[]): Promise<Arrivals> {
    const stream = new PassThrough()
    const arrivals = new Arrivals(new Client('receiver', stream), [alice, bob])
    for (const body of bodies) stream.write(concat(body, Uint8Array.of(0)))
    await arrivals.receive(bodies.length)
    return arrivals
  }
})

test('a limit’s variable is its name in capitals', () => {
  expect(variableOf('messageBytesMax')).toBe('SWITCHYARD_MESSAGE_BYTES_MAX')
  expect(variableOf('lingerMs')).toBe('SWITCHYARD_LINGER_MS')
})

function concat(...pieces: Uint8Array[]): Uint8Array {
  return Buffer.concat(pieces)
}
