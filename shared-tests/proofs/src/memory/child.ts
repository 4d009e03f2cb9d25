// Fills one server, in this process, and prints how what it counts as held and what its memory takes grow: asked by `main.ts`, which
// starts it with --expose-gc.
import { setTimeout as delay } from 'node:timers/promises'
import { PATTERNS } from '@switchyard/impls'
import { StalledReaders } from './stalled-readers.ts'

/** One collection finds what is garbage, buffers are freed a moment after; the least of several is what is held. */
const COLLECTIONS = 5
const COLLECTION_PAUSE_MS = 20
const MIB = 1024 * 1024
/** Growth is measured from a fifth of it on: what a process takes when it first does something is not held. */
const HELD_BYTES = 40 * MIB
const FIRST_PART = 0.2
/** Each message to a mailbox is merged with others: more of one byte would take many minutes. */
const POSTED_MESSAGES_MAX = 16_000_000
const READERS_MAX = 256
const READ_BYTES = 64 * 1024
const BYTES_AT_ONCE = 256 * 1024
const WARM_CHUNKS = 500
/** As many clients as a server has at most by default. */
const CLIENTS = 65_000
const FIRST_CLIENTS = 8_000

const [name, place, size] = process.argv.slice(2)
const bytes = Number(size)
const pattern = PATTERNS.find((each) => each.name === name)
if (!pattern) throw new Error(`there is no pattern ${name}`)

// What compiled code takes when it first runs is held for nobody.
const warm = await StalledReaders.of(pattern, 4)
await warm.send(bytes, WARM_CHUNKS)
await warm.readAll()

const [first, second] = await (place === 'input' ? unfinished() : sent())
const figures = {
  countedBytes: second.countedBytes - first.countedBytes,
  heapBytes: second.heapBytes - first.heapBytes,
  rssBytes: second.rssBytes - first.rssBytes,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
process.exit()

interface Memory {
  readonly countedBytes: number
  readonly heapBytes: number
  readonly rssBytes: number
}

/** To one stalled reader behind a dispatcher that waits for it, or to many. */
async function sent(): Promise<readonly [Memory, Memory]> {
  const readers = place === 'channels' ? 1 : Math.min(READERS_MAX, Math.floor(READ_BYTES / (bytes + 4)))
  const stalled = await StalledReaders.of(pattern!, readers, { queuedBytesMax: 512 * MIB, heldBytesMax: 2 ** 40 })
  const chunksAtOnce = Math.ceil(BYTES_AT_ONCE / (readers * (bytes + 4)))
  if (place === 'channels') await stalled.stopDispatcher()
  const until = async (heldBytes: number): Promise<Memory> => {
    while (counted(stalled) < heldBytes) {
      if ((await stalled.send(bytes, chunksAtOnce)) === 0)
        throw new Error(`${counted(stalled)} bytes are held, and no more`)
    }
    return memory(stalled)
  }
  const most = place === 'mailboxes' ? Math.min(HELD_BYTES, POSTED_MESSAGES_MAX * bytes) : HELD_BYTES
  return [await until(FIRST_PART * most), await until(most)]
}

async function unfinished(): Promise<readonly [Memory, Memory]> {
  const clients = await StalledReaders.of(pattern!, CLIENTS)
  await clients.leaveUnfinished(bytes, 0, FIRST_CLIENTS)
  const start = await memory(clients)
  await clients.leaveUnfinished(bytes, FIRST_CLIENTS)
  return [start, await memory(clients)]
}

function counted({ server }: StalledReaders): number {
  return Object.entries(server.statistics().held).find(([each]) => each === place)?.[1] ?? 0
}

async function memory(clients: StalledReaders): Promise<Memory> {
  let least = { heapBytes: Number.POSITIVE_INFINITY, rssBytes: Number.POSITIVE_INFINITY }
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.()
    await delay(COLLECTION_PAUSE_MS)
    const { heapUsed, external, rss } = process.memoryUsage()
    least = { heapBytes: Math.min(least.heapBytes, heapUsed + external), rssBytes: Math.min(least.rssBytes, rss) }
  }
  return { countedBytes: counted(clients), ...least }
}
