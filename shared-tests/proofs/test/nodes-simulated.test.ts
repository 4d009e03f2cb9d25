/** Three nodes of the five, on a bus that breaks, under random orders of events; and planted faults. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import type * as nodes from '@switchyard/protocols/nodes'
import type * as links from '@switchyard/protocols/nodes/links'
import { nodesOf, SIMULATED_NODES, SOUND } from '@switchyard/protocols/nodes/simulated'
import type { Parts } from '@switchyard/protocols/nodes/simulated'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import { expect, test } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

const SEEDS = 42
const FAULT_SEEDS = 60

/** What each of these breaks, as a world sees it, and a seed just before one at which the reactor shows it. */
const FAULTS = [
  [
    'takes-any-link',
    'links/link-machine.ts',
    'numbers.mine === theirEnd.theirs && numbers.theirs === theirEnd.mine',
    'true',
    'N3.2',
    35,
  ],
  [
    'sees-no-gap',
    'links/machine-link.ts',
    '    if (at > this.#received) return false\n    if (at < ',
    '    if (at < ',
    'N3.1',
    845,
  ],
  ['never-looks-back', 'links/machine-link.ts', 'return sentBytes <= this.#received', 'return true', 'N4.2', 0],
  [
    'forgets-ids',
    'links/link-machine.ts',
    'if (highestId > (this.#highest.get(node) ?? 0)) this.#highest.set(node, highestId)',
    '',
    'N1.2',
    0,
  ],
  ['yields-to-nobody', 'links/link-machine.ts', 'if (!yields) return', 'if (!yields || yields) return', 'N1.3', 0],
  ['knows-no-window', 'node-router.ts', '    if (onTheWay >= link.windowBytes) this.#hold(to, out)\n', '', 'N4.1', 0],
  ['tells-no-losses', 'peer.ts', "losses.add(to, 'link-lost', messages)", 'void [to, messages]', 'N3.1', 0],
  [
    'tells-what-arrived',
    'peer.ts',
    'return doubt === undefined || doubt.sent.confirm(messages)',
    'return true',
    'N3.2',
    0,
  ],
  [
    'never-lets-go',
    'node-router.ts',
    'if (peer.healsUntil <= out.now) this.#release(-peer.node, out)',
    'if (peer.healsUntil <= out.now) continue',
    'N4.2',
    0,
  ],
  [
    'grants-nothing-later',
    'node-router.ts',
    'if (this.#hasRoom(client, out)) this.#grantAll(client, out)\n    else out',
    'out',
    'G1',
    0,
  ],
  ['leaves-at-once', 'node-router.ts', 'if (link.peer && !link.over && !link.answeredLeave) return', '', 'N5.2', 0],
] as const

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const source = 'protocols/nodes/src'
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
  expect(await violation(pattern, { from: 0, seeds: SEEDS })).toBe(undefined)
})

test.each(FAULTS)('%s', async (id, file, find, replace, clause, from) => {
  const parts = await partsWith(id, file, find, replace)
  expect(await violation(reactor, { parts, from, seeds: FAULT_SEEDS })).toBe(clause)
})

/** Nodes of a copy of the sources, in which a passage is replaced. */
async function partsWith(id: string, file: string, find: string, replace: string): Promise<Parts> {
  const text = readFileSync(join(root, source, file), 'utf8')
  expect(text.split(find), `${file} has the passage once`).toHaveLength(2)
  const [copy = ''] = writeCopies(`${source}/${file}`, [text.replace(find, () => replace)], join(work, `nodes-${id}`))
  if (dirname(file) === 'links') {
    const { LinkMachine }: typeof links = await import(join(copy, 'index.ts'))
    return { ...SOUND, Machine: LinkMachine }
  }
  // The router lies beside the original.
  const path = join(copy, 'node-router.ts')
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('../../router/', join(root, 'protocols/router/')))
  const { NodeRouter }: typeof nodes = await import(join(copy, 'index.ts'))
  return { ...SOUND, Router: NodeRouter }
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
