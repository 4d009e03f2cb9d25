import { describe, expect, test } from 'vitest'
import { READ_BYTES } from '../src/limits.ts'
import { ReadPool } from '../src/tcp/read-pool.ts'
import { bytesOf, expectBytes, KiB } from './support.ts'

function read(pool: ReadPool, bytes: Uint8Array, landing = pool.landing()): Buffer {
  landing.buffer.fill(255)
  landing.buffer.set(bytes)
  return pool.take(landing, bytes.length)
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

  test('of those that are given back, 4 MiB are kept', () => {
    const pool = new ReadPool()
    const chunks = Array.from({ length: 65 }, () => read(pool, bytesOf(READ_BYTES)))
    for (const chunk of chunks) pool.recycle(chunk)
    const known = new Set(chunks.map(({ buffer }) => buffer))
    const next = Array.from({ length: 65 }, () => read(pool, bytesOf(READ_BYTES)))
    expect(next.filter(({ buffer }) => known.has(buffer)).length).toBe(64)
  })
})

describe('a socket that brings full reads', () => {
  test('reads into memory of its own, which becomes the chunk, and into other memory after that', () => {
    const pool = new ReadPool()
    const landing = pool.landing()
    const first = read(pool, bytesOf(READ_BYTES, 1), landing)
    const { buffer } = landing.buffer
    const second = read(pool, bytesOf(READ_BYTES / 2 + 1, 2), landing)
    expect(second.buffer).toBe(buffer)
    const third = read(pool, bytesOf(READ_BYTES, 3), landing)
    expect(third.buffer).not.toBe(buffer)
    expectBytes(first, bytesOf(READ_BYTES, 1))
    expectBytes(second, bytesOf(READ_BYTES / 2 + 1, 2))
    expectBytes(third, bytesOf(READ_BYTES, 3))
    pool.recycle(second)
    expect(read(pool, bytesOf(READ_BYTES)).buffer).toBe(buffer)
  })

  test('loses it with a read of half as much, which is copied', () => {
    const pool = new ReadPool()
    const shared = pool.landing().buffer
    const landing = pool.landing()
    read(pool, bytesOf(READ_BYTES), landing)
    const own = landing.buffer
    const chunk = read(pool, bytesOf(READ_BYTES / 2, 5), landing)
    expect([own === shared, landing.buffer === shared, chunk.buffer === own.buffer]).toEqual([false, true, false])
    expectBytes(chunk, bytesOf(READ_BYTES / 2, 5))
    expect(read(pool, bytesOf(READ_BYTES)).buffer, 'it has gone back').toBe(own.buffer)
  })

  test('has none while sixteen others have some, until one of them gives its own back', () => {
    const pool = new ReadPool()
    const shared = pool.landing().buffer
    const [first, last] = [pool.landing(), pool.landing()]
    const landings = [first, ...Array.from({ length: 15 }, () => pool.landing()), last]
    for (const landing of landings) read(pool, bytesOf(READ_BYTES), landing)
    expect(landings.filter(({ buffer }) => buffer !== shared).length).toBe(16)
    pool.giveBack(first)
    pool.giveBack(first)
    expect(first.buffer).toBe(shared)
    for (const landing of [last, first]) read(pool, bytesOf(READ_BYTES), landing)
    expect([last.buffer === shared, first.buffer === shared]).toEqual([false, true])
  })
})
