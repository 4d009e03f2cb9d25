// Whether memory follows what servers count as held: `npm run memory`, or with words of the rows as arguments. Each pattern, each place
// in which it holds much, messages of each length, in a process of its own. Exits with 1 where the resident memory (RSS) of the process,
// or its heap, grew by more than twice what was counted.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PATTERNS } from '@switchyard/impls'
import type { Place } from '@switchyard/core'

const CHILD = fileURLToPath(new URL('child.js', import.meta.url))
const MESSAGE_BYTES = [1, 8, 64, 512] as const
/** Besides unfinished input, which all of them hold. A mutex holds one step's output, and no queue behind it. */
const PLACES: Readonly<Record<string, readonly Place[]>> = {
  mutex: [],
  channels: ['channels'],
  'channel-per-writer': ['channels', 'mailboxes'],
  race: ['queues'],
  reactor: ['queues'],
}
const TIMES_MAX = 2
const MIB = 1024 * 1024

const words = process.argv.slice(2)
process.stdout.write(
  'pattern             place      message  counted MiB  heap MiB  RSS MiB  heap / counted  RSS / counted\n',
)
for (const { name } of PATTERNS) {
  for (const place of [...(PLACES[name] ?? []), 'input'] as const) {
    for (const bytes of MESSAGE_BYTES) {
      const row = [name, place, `${bytes}`]
      if (words.every((word) => row.includes(word))) measure(name, place, bytes)
    }
  }
}

function measure(name: string, place: Place, bytes: number): void {
  const printed = execFileSync(process.execPath, ['--expose-gc', CHILD, name, place, `${bytes}`], { encoding: 'utf8' })
  const { countedBytes, heapBytes, rssBytes }: Figures = JSON.parse(printed)
  const good = Math.max(heapBytes, rssBytes) <= TIMES_MAX * countedBytes
  if (!good) process.exitCode = 1
  const figures = [
    name.padEnd(19),
    place.padEnd(10),
    `${bytes}`.padStart(7),
    (countedBytes / MIB).toFixed(1).padStart(12),
    (heapBytes / MIB).toFixed(1).padStart(9),
    (rssBytes / MIB).toFixed(1).padStart(8),
    (heapBytes / countedBytes).toFixed(2).padStart(15),
    (rssBytes / countedBytes).toFixed(2).padStart(14),
  ]
  process.stdout.write(`${figures.join(' ')}  ${good ? 'within twice' : 'MORE THAN TWICE'}\n`)
}

/** How each of them grew, from little that was held to much. */
interface Figures {
  readonly countedBytes: number
  readonly heapBytes: number
  readonly rssBytes: number
}
