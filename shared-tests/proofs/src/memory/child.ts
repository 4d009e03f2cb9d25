// Fills one server, in this process, and prints what it counts as held and what its memory grew by: asked by `main.ts`, which starts
// it with --expose-gc.
import { setTimeout as delay } from 'node:timers/promises'
import { PATTERNS } from '@switchyard/impls'
import { StalledReaders } from './stalled-readers.ts'

/** One collection finds what is garbage, buffers are freed a moment after; the least of several is what is held. */
const COLLECTIONS = 5
const COLLECTION_PAUSE_MS = 20

const [name, place, size] = process.argv.slice(2)
const bytes = Number(size)
const pattern = PATTERNS.find((each) => each.name === name)
if (!pattern) throw new Error(`there is no pattern ${name}`)

const LIMITS = { queuedBytesMax: 16 * 1024 * 1024 }
/** As many as show, in as few seconds as one waits. */
const CHUNKS = 200_000
const WARM_CHUNKS = 500
const READERS = place === 'input' ? 5_000 : 4

// What compiled code takes when it first runs is held for nobody.
const warm = await StalledReaders.of(pattern, 4, LIMITS)
await warm.send(bytes, WARM_CHUNKS)
await warm.readAll()
const stalled = await StalledReaders.of(pattern, READERS, LIMITS)
const before = await memory()
if (place === 'input') await stalled.leaveUnfinished(bytes)
else await stalled.send(bytes, CHUNKS)
const after = await memory()
const { total, ...places } = stalled.server.statistics().held
const [most] = Object.entries(places).toSorted(([, a], [, b]) => b - a)
const figures = {
  counted: total,
  where: most?.[0] ?? '',
  heapBytes: after.heapBytes - before.heapBytes,
  rssBytes: after.rssBytes - before.rssBytes,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
process.exit()

async function memory(): Promise<{ readonly heapBytes: number; readonly rssBytes: number }> {
  let least = { heapBytes: Number.POSITIVE_INFINITY, rssBytes: Number.POSITIVE_INFINITY }
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.()
    await delay(COLLECTION_PAUSE_MS)
    const { heapUsed, external, rss } = process.memoryUsage()
    least = { heapBytes: Math.min(least.heapBytes, heapUsed + external), rssBytes: Math.min(least.rssBytes, rss) }
  }
  return least
}
