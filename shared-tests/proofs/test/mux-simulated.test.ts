/** Two sessions back to back on the five, under random orders of events; the deadlock where total order costs it; and planted faults. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { Mux } from '@switchyard/protocols/mux'
import type * as mux from '@switchyard/protocols/mux'
import { SIMULATED_MUX, twoEnds } from '@switchyard/protocols/mux/simulated'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import { declaring } from '@switchyard/simulated'
import { mutexEarlyRelease, mutexUnlockedWrites, supervisedChannels } from '@switchyard/variants'
import { expect, test } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

const SEEDS = 60
/** Releasing the first lock early makes the deadlock rare, not impossible: of the first thousand seeds one of the last finds it. */
const EARLY_RELEASE = { from: 601, seeds: 1_000 }

/** What each of these breaks, as a world sees it. */
const FAULTS = [
  ['ignores-the-window', 'trunk.ts', 'stream.pendingBytes, stream.sendWindow,', 'stream.pendingBytes,', 'M3.1'],
  ['sends-data-past-its-bound', 'trunk.ts', 'out.queued(this.client) > this.#sizes.queuedBytes', 'false', 'M6.2'],
  ['swallows-fin', 'mux.ts', 'return out.finish(stream.local)', 'return', 'M4.1'],
  ['grants-no-credit', 'trunk.ts', 'credit < this.#sizes.windowBytes / 2 ||', 'credit > 0 ||', 'G1'],
  ['never-resumes-a-local-end', 'mux.ts', 'out.resume(stream.local)', 'undefined', 'G1'],
  ['forgets-who-is-ready', 'trunk.ts', 'else this.ready(stream)', '', 'G1'],
  [
    'mixes-up-what-is-pending',
    'stream.ts',
    'this.#pending[0] = first.subarray(count)',
    'this.#pending[0] = first.subarray(0, -count)',
    'M2.2',
  ],
  ['is-not-told-that-the-trunk-drained', 'trunk.ts', '    this.pump(out)\n  }\n}', '  }\n}', 'G1'],
] as const

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

/** With the variant of the mutex that writes outside of its lock. */
const JUDGED = [...PATTERNS, mutexUnlockedWrites]

test.each(JUDGED.map((pattern) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
  expect(await violation(pattern)).toBe(undefined)
})

/** Two of the variants as well: their second lock, or supervised dispatcher, waits with the write. */
const ORDERED = [...PATTERNS, mutexEarlyRelease, supervisedChannels].filter(({ order }) => order === 'total')

test.each(ORDERED.map((pattern) => [pattern.name, pattern] as const))(
  '%s pays for its order: two full ends wait for each other',
  async (_, pattern) => {
    const range = pattern === mutexEarlyRelease ? EARLY_RELEASE : { seeds: SEEDS }
    expect(await violation(declaring({ pattern }, ['G12']).pattern, range)).toBe('G12')
  },
)

test.each(FAULTS)('%s', async (id, file, find, replace, clause) => {
  const text = readFileSync(join(root, 'protocols/mux/src', file), 'utf8')
  const changed = text.replace(find, () => replace)
  expect(changed).not.toBe(text)
  const [copy = ''] = writeCopies(`protocols/mux/src/${file}`, [changed], join(work, `mux-${id}`))
  const { Mux: Faulty }: typeof mux = await import(join(copy, 'index.ts'))
  expect(await violation(reactor, { create: () => twoEnds(Faulty) })).toBe(clause)
})

/** The clause that the first run breaks that breaks one. */
async function violation(
  pattern: Pattern,
  { create = () => twoEnds(Mux), from = 1, seeds = SEEDS } = {},
): Promise<string | undefined> {
  const start = startOf({ ...SIMULATED_MUX, create }, pattern)
  for await (const { seed, outcome } of runSeeds({ start, world: inTurn(SIMULATED_MUX.worlds), from, to: seeds })) {
    if (!outcome.violation) continue
    console.info(`seed ${seed}: ${outcome.violation.message}`)
    return outcome.violation.clause
  }
  return undefined
}
