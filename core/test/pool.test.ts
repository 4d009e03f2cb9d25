import { describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { Pool } from '../src/pool.ts'

const KiB = 1024

function poolOf(freeBytesMax: number): Pool {
  return new Pool({ bytesMin: KiB, bytesMax: 64 * KiB, freeBytesMax })
}

function takeAll(pool: Pool, count: number, bytes: number): Uint8Array[] {
  return Array.from({ length: count }, () => pool.take(bytes))
}

function putAll(pool: Pool, pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) pool.put(piece)
}

describe('a pool that is full', () => {
  test('gives half to what is put back, of what an earlier load left', () => {
    const pool = poolOf(256 * KiB)
    putAll(pool, takeAll(pool, 256, KiB))
    const pieces = takeAll(pool, 4, 64 * KiB)
    putAll(pool, pieces)
    expect(takeAll(pool, 4, 64 * KiB).filter((piece) => pieces.includes(piece)).length).toBe(2)
  })

  test('keeps both sizes where both are in use', () => {
    const pool = poolOf(256 * KiB)
    for (let turn = 0; turn < 10; turn++) putAll(pool, [...takeAll(pool, 64, KiB), ...takeAll(pool, 4, 64 * KiB)])
    const [short, long] = [takeAll(pool, 64, KiB), takeAll(pool, 4, 64 * KiB)]
    putAll(pool, [...short, ...long])
    expect(takeAll(pool, 64, KiB).filter((piece) => short.includes(piece)).length).toBe(64)
    expect(takeAll(pool, 4, 64 * KiB).filter((piece) => long.includes(piece)).length).toBe(3)
  })

  test('keeps no piece that is larger than all that it may keep', () => {
    const pool = poolOf(32 * KiB)
    const pieces = [pool.take(16 * KiB), pool.take(64 * KiB)]
    putAll(pool, pieces)
    expect(pieces).not.toContain(pool.take(64 * KiB))
  })

  test('never keeps more than it may', () => {
    const sizes = fc.array(fc.constantFrom(1, 2, 4, 16, 64), { maxLength: 100 })
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 5 }), (loads) => {
        const pool = poolOf(100 * KiB)
        const known = new Set<Uint8Array>()
        for (const load of loads) {
          const pieces = load.map((size) => pool.take(size * KiB))
          for (const piece of pieces) known.add(piece)
          putAll(pool, pieces)
        }
        let kept = 0
        for (const size of [1, 2, 4, 8, 16, 32, 64])
          for (let piece = pool.take(size * KiB); known.has(piece); piece = pool.take(size * KiB)) kept += piece.length
        expect(kept).toBeLessThanOrEqual(100 * KiB)
      }),
    )
  })
})
