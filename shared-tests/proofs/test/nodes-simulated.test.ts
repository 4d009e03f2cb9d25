/** Three nodes of the five, on a bus that breaks, under random orders of events; and planted faults. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pattern } from '@switchyard/core'
import type { PlantedFault } from '@switchyard/conformance'
import { PATTERNS } from '@switchyard/impls'
import { nodesOf, partsOf, SIMULATED_NODES, SOUND } from '@switchyard/protocols/nodes/simulated'
import type { Parts } from '@switchyard/protocols/nodes/simulated'
import { FAULTS } from '@switchyard/protocols/nodes/suite'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import { expect, test } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

const SEEDS = 42
const FAULT_SEEDS = 60

/** Only an order of events that no case can ask for shows these. */
const RARE: readonly Omit<PlantedFault, 'says' | 'case'>[] = [
  {
    id: 'takes-any-link',
    file: 'links/link-machine.ts',
    find: 'numbers.mine === theirEnd.theirs && numbers.theirs === theirEnd.mine',
    replace: 'true',
  },
  {
    id: 'sees-no-gap',
    file: 'links/machine-link.ts',
    find: '    if (at > this.#received) return false\n    if (at < ',
    replace: '    if (at < ',
  },
]

/** The clause that a world sees broken, and a seed just before one at which the reactor shows it. */
const SHOWN: Readonly<Record<string, readonly [clause: string, from: number]>> = {
  'takes-any-link': ['N3.1', 100],
  'sees-no-gap': ['N3.1', 1220],
  'never-looks-back': ['N4.2', 0],
  'forgets-ids': ['N1.2', 150],
  'trusts-the-others': ['N1.2', 0],
  'yields-to-nobody': ['N1.3', 0],
  'knows-no-window': ['N4.1', 0],
  'tells-no-losses': ['N3.1', 0],
  'tells-what-arrived': ['N3.2', 0],
  'never-lets-go': ['N4.2', 270],
  'grants-nothing-later': ['G1', 0],
  'leaves-at-once': ['N5.2', 0],
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const source = 'protocols/nodes/src'
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
  expect(await violation(pattern, { from: 0, seeds: SEEDS })).toBe(undefined)
})

test.each(Object.entries(SHOWN))('%s', async (id, [clause, from]) => {
  const fault = [...FAULTS, ...RARE].find((each) => each.id === id)
  expect(fault).toBeDefined()
  if (!fault) return
  const parts = await partsWith(fault)
  expect(await violation(reactor, { parts, from, seeds: FAULT_SEEDS })).toBe(clause)
})

/** Nodes of a copy of the sources, in which a passage is replaced. */
async function partsWith({ id, file, find, replace }: (typeof RARE)[number]): Promise<Parts> {
  const text = readFileSync(join(root, source, file), 'utf8')
  expect(text.split(find), `${file} has the passage once`).toHaveLength(2)
  const [copy = ''] = writeCopies(`${source}/${file}`, [text.replace(find, () => replace)], join(work, `nodes-${id}`))
  return partsOf(await import(join(copy, 'index.ts')))
}

/** The clause that the first run breaks that breaks one. */
async function violation(
  pattern: Pattern,
  { parts = SOUND, from, seeds }: { readonly parts?: Parts; readonly from: number; readonly seeds: number },
): Promise<string | undefined> {
  const start = startOf(nodesOf(parts), pattern)
  const world = inTurn(SIMULATED_NODES.worlds)
  for await (const { seed, outcome } of runSeeds({ start, world, from, to: from + seeds - 1 })) {
    if (!outcome.violation) continue
    console.info(`seed ${seed}: ${outcome.violation.clause} ${outcome.violation.message}`)
    return outcome.violation.clause
  }
  return undefined
}
