import { expect, test } from 'vitest'
import { HeldBytes } from '../src/held-bytes.ts'

function heldBytes(max: number): { held: HeldBytes; falls: () => number } {
  let falls = 0
  const held = new HeldBytes(max, () => falls++)
  return { held, falls: () => falls }
}

test('bytes are counted by place', () => {
  const { held } = heldBytes(100)
  held.add('input', 5)
  held.add('queues', 7)
  held.add('input', -2)
  expect([held.at('input'), held.at('queues'), held.at('chunks')]).toEqual([3, 7, 0])
  expect(held.byPlace()).toEqual({ input: 3, chunks: 0, channels: 0, mailboxes: 0, queues: 7, sockets: 0 })
  held.byPlace().input = 99
  expect(held.at('input')).toBe(3)
  expect(held.max).toBe(100)
})

test.each([
  [99, false],
  [100, true],
  [101, true],
])('R5.6: %d of 100 is full: %s', (bytes, full) => {
  const { held } = heldBytes(100)
  held.add('input', 40)
  held.add('queues', bytes - 40)
  expect(held.full).toBe(full)
})

test('R5.6: it tells when the total falls below the bound, once for each fall', () => {
  const { held, falls } = heldBytes(100)
  held.add('queues', 99)
  held.add('queues', -1)
  expect(falls()).toBe(0)
  held.add('input', 52)
  held.add('queues', -50)
  expect(falls(), 'at the bound').toBe(0)
  held.add('input', -1)
  expect(falls()).toBe(1)
  held.add('input', -1)
  expect(falls(), 'below it').toBe(1)
  held.add('input', 2)
  held.add('input', -2)
  expect(falls()).toBe(2)
})

test('who is told finds it not full any more', () => {
  const seen: boolean[] = []
  const held: HeldBytes = new HeldBytes(10, () => seen.push(held.full))
  held.add('input', 10)
  held.add('input', -10)
  expect(seen).toEqual([false])
})
