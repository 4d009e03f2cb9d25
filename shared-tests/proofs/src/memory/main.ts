// Whether memory follows what servers count as held: `npm run memory`. Each pattern, each place, messages of each length, in a process
// of its own. Exits with 1 where memory grew by more than twice what was counted.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { PATTERNS } from '@switchyard/impls'

const CHILD = fileURLToPath(new URL('child.js', import.meta.url))
const MESSAGE_BYTES = [1, 8, 64, 512] as const
/** `sent`: to readers that stall, until nothing is read any more; `input`: unfinished messages of many clients. */
const PLACES = ['sent', 'input'] as const
const TIMES_MAX = 2
/** Compiled code, and pages that the allocator keeps. */
const FLOOR_BYTES = 2 * 1024 * 1024
const MIB = 1024 * 1024

process.stdout.write('pattern             place  message  counted MiB  mostly in  heap MiB  RSS MiB  heap / counted\n')
for (const { name } of PATTERNS) {
  for (const place of PLACES) {
    for (const bytes of MESSAGE_BYTES) {
      const printed = execFileSync(process.execPath, ['--expose-gc', CHILD, name, place, `${bytes}`], {
        encoding: 'utf8',
      })
      const { counted, where, heapBytes, rssBytes }: Figures = JSON.parse(printed)
      const good = heapBytes <= TIMES_MAX * counted + FLOOR_BYTES
      if (!good) process.exitCode = 1
      const figures = [
        name.padEnd(19),
        place.padEnd(6),
        `${bytes}`.padStart(7),
        (counted / MIB).toFixed(1).padStart(12),
        where.padStart(10),
        (heapBytes / MIB).toFixed(1).padStart(9),
        (rssBytes / MIB).toFixed(1).padStart(8),
        (heapBytes / counted).toFixed(2).padStart(15),
      ]
      process.stdout.write(`${figures.join(' ')}${good ? '' : '  MORE THAN TWICE'}\n`)
    }
  }
}

interface Figures {
  readonly counted: number
  /** The place that holds most. */
  readonly where: string
  readonly heapBytes: number
  readonly rssBytes: number
}
