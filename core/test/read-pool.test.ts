import { describe, expect, test } from 'vitest'
import { READ_BYTES } from '../src/limits.ts'
import { ReadPool } from '../src/tcp/read-pool.ts'
import { bytesOf, expectBytes, KiB } from './support.ts'

function read(pool: ReadPool, bytes: Uint8Array): Buffer {
  pool.buffer.fill(255)
  pool.buffer.set(bytes)
  return pool.take(bytes.length)
}

describe('a chunk', () => {
  test.each([
    [1, 1],
    [8 * KiB - 1, 8 * KiB - 1],
    [8 * KiB, 8 * KiB],
    [8 * KiB + 1, 16 * KiB],
    [READ_BYTES - 1, READ_BYTES],
    [READ_BYTES, READ_BYTES],
  ])('of %d bytes stays what it was while more is read, in memory of %d', (length, size) => {
    const pool = new ReadPool()
    const chunk = read(pool, bytesOf(length))
    read(pool, bytesOf(length, 7))
    expectBytes(chunk, bytesOf(length))
    expect(chunk.buffer.byteLength).toBe(size)
  })

  test('from 8 KiB on leaves its memory to the next one of its size, once', () => {
    const pool = new ReadPool()
    const chunk = read(pool, bytesOf(10 * KiB))
    pool.recycle(chunk)
    pool.recycle(chunk)
    const next = read(pool, bytesOf(16 * KiB))
    expect(next.buffer).toBe(chunk.buffer)
    pool.recycle(chunk)
    expect([8 * KiB, 16 * KiB].map((length) => read(pool, bytesOf(length)).buffer)).not.toContain(chunk.buffer)
  })

  test('of less leaves nothing', () => {
    const pool = new ReadPool()
    const chunk = read(pool, bytesOf(8 * KiB - 1))
    pool.recycle(chunk)
    pool.recycle(new Uint8Array(8 * KiB))
    expect([8 * KiB - 1, 8 * KiB].map((length) => read(pool, bytesOf(length)).buffer)).not.toContain(chunk.buffer)
  })

  test('of those that are given back, 1 MiB is kept', () => {
    const pool = new ReadPool()
    const chunks = Array.from({ length: 17 }, () => read(pool, bytesOf(READ_BYTES)))
    for (const chunk of chunks) pool.recycle(chunk)
    const known = new Set(chunks.map(({ buffer }) => buffer))
    const next = Array.from({ length: 17 }, () => read(pool, bytesOf(READ_BYTES)))
    expect(next.filter(({ buffer }) => known.has(buffer)).length).toBe(16)
  })
})
