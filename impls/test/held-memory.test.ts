/** R5.4, R5.6: what is counted as held is what is held. Not the payload of many small objects, of which each takes hundreds of bytes. */
import v8 from 'node:v8'
import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'
import { StalledReaders } from '../../shared-tests/proofs/src/memory/stalled-readers.ts'

v8.setFlagsFromString('--expose-gc')
const collect: unknown = vm.runInNewContext('gc')

/** Compiled code, and whatever else a process takes when it first does something. */
const FLOOR_BYTES = 1024 * 1024

function memory(): number {
  if (typeof collect !== 'function') throw new Error('a V8 that collects no garbage when asked')
  // What a first collection finishes, a second one frees.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', (_, pattern) => {
  test.each([1, 8, 64, 512])('holds at most twice what it counts, in messages of %d bytes', async (bytes) => {
    const stalled = await StalledReaders.of(pattern, 20)
    const before = memory()
    const sent = await stalled.send(bytes, 5_000)
    const taken = memory() - before
    const { total } = stalled.server.statistics().held
    expect(taken, `${total} counted`).toBeLessThan(2 * total + FLOOR_BYTES)
    await stalled.readAll()
    // All but those that were never read from the sender: each reader got its id, and whole messages.
    for (const reader of stalled.readers) expect((reader.bytesRead - 4) / bytes).toBe(sent)
  })

  test('holds at most twice what it counts, in events and chunks of 1 byte for one reader', async () => {
    const stalled = await StalledReaders.of(pattern, 1)
    const before = memory()
    await stalled.send(1, 20_000)
    const taken = memory() - before
    const { total } = stalled.server.statistics().held
    expect(taken, `${total} counted`).toBeLessThan(2 * total + FLOOR_BYTES)
    await stalled.readAll()
  })
})
