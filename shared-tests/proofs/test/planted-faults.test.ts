/** Each planted fault of a protocol fails the case that it names, on one of the five; without it the case passes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diagnose, isOfLife, runCase } from '@switchyard/conformance'
import type { CaseResult, PlantedFault, Suite } from '@switchyard/conformance'
import type { Protocol } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import type * as chat from '@switchyard/protocols/chat'
import { CHAT, FAULTS as CHAT_FAULTS } from '@switchyard/protocols/chat/suite'
import type * as epmd from '@switchyard/protocols/epmd'
import { EPMD, FAULTS as EPMD_FAULTS } from '@switchyard/protocols/epmd/suite'
import type * as exchange from '@switchyard/protocols/exchange'
import { EXCHANGE, FAULTS as EXCHANGE_FAULTS, judgedOptions } from '@switchyard/protocols/exchange/suite'
import type * as mux from '@switchyard/protocols/mux'
import { FAULTS as MUX_FAULTS, MUX } from '@switchyard/protocols/mux/suite'
import type * as nodes from '@switchyard/protocols/nodes'
import { Cluster, clusterOptions, FAULTS as NODES_FAULTS, NODES, partsOf } from '@switchyard/protocols/nodes/suite'
import { simulated } from '@switchyard/simulated'
import { describe, expect, it } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'
import { PLANTED_RESULTS_FILE, PLANTED_TABLE_FILE, plantedProblems, renderPlanted } from '../src/kill-matrix/planted.ts'
import type { PlantedResults } from '../src/kill-matrix/planted.ts'

/** Nothing here takes real time: what stands still for so long stands still. */
const STILL_MS = 150

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

/** How a suite makes its protocol out of a copy of its sources. */
type Create<Source> = (source: Source, given: Parameters<Suite['create']>[0]) => Protocol

prove<typeof chat>(CHAT, CHAT_FAULTS, ({ Chat, DEFAULT_OPTIONS }, { options }) => {
  return new Chat({ ...DEFAULT_OPTIONS, ...options, seed: 1 })
})
prove<typeof epmd>(EPMD, EPMD_FAULTS, ({ Epmd }, { options: { idleMs, relaxed }, shutDown }) => {
  return new Epmd({ port: 0, firstCreation: 4, idleMs, relaxed: relaxed === 1, onKill: shutDown })
})
prove<typeof exchange>(EXCHANGE, EXCHANGE_FAULTS, ({ Exchange }, { options }) => new Exchange(judgedOptions(options)))
prove<typeof mux>(MUX, MUX_FAULTS, ({ Mux }, { options }) => new Mux(options))
prove<typeof nodes>(NODES, NODES_FAULTS, (source, { limits }) => new Cluster(clusterOptions(limits), partsOf(source)))

it('the committed matrix of chat is of these faults and cases, and has no gap (npm run kill-matrix:chat makes it anew)', () => {
  const committed: PlantedResults = JSON.parse(readFileSync(join(root, PLANTED_RESULTS_FILE), 'utf8'))
  expect(plantedProblems(committed)).toEqual([])
  expect(readFileSync(join(root, PLANTED_TABLE_FILE), 'utf8')).toBe(renderPlanted(committed))
})

function prove<Source>(suite: Suite, faults: readonly PlantedFault[], create: Create<Source>): void {
  describe.each(faults)(`${suite.name}: $id: $says`, (fault) => {
    const folder = `protocols/${suite.name}/src`
    const [copy = ''] = writeCopies(
      `${folder}/${fault.file}`,
      [planted(folder, fault)],
      join(work, `${suite.name}-${fault.id}`),
    )

    it(`fails the case ${fault.case}`, async () => {
      const { verdict } = await judged(await import(join(copy, 'index.ts')), fault.case)
      expect(verdict).toBe('failed')
    })

    if (!suite.causes?.some(({ id }) => id === fault.id)) return
    it('is the likely cause of all that fails', async () => {
      const source = await import(join(copy, 'index.ts'))
      const results: CaseResult[] = []
      for (const { id } of suite.cases.filter((each) => isQuick(each) || each.id === fault.case)) {
        results.push(await judged(source, id))
      }
      expect(diagnose({ results, findings: [] }, suite.causes ?? []).map(({ cause }) => cause?.id)).toEqual([fault.id])
    })
  })

  it.each([...new Set(faults.map((fault) => fault.case))])('%s passes without them', async (id) => {
    const { verdict, message } = await judged(await import(`@switchyard/protocols/${suite.name}`), id)
    expect([verdict, message]).toEqual(['passed', ''])
  })

  // What all protocols have in common is none of its code's: test/life-cases.test.ts breaks the server.
  it.skipIf(suite.name !== CHAT.name)('every case of its own has a planted fault', () => {
    const named = new Set(faults.map((fault) => fault.case))
    const own = suite.cases.filter(({ clause }) => !isOfLife(suite, clause))
    expect(own.map(({ id }) => id).filter((id) => !named.has(id))).toEqual([])
  })

  it.skipIf(!suite.causes)('every cause has a planted fault', () => {
    const known = new Set(faults.map(({ id }) => id))
    expect(suite.causes?.filter(({ id }) => !known.has(id))).toEqual([])
  })

  async function judged(source: Source, id: string): Promise<CaseResult> {
    const found = suite.cases.find((each) => each.id === id)
    if (!found) throw new Error(`there is no case ${id}`)
    const made: Suite = { ...suite, create: (given) => create(source, given) }
    return runCase(made, simulated(made, reactor), found, { stillMs: STILL_MS })
  }
}

/** Whether it takes no megabytes, as those of members that lag do, and of windows. */
function isQuick({ clause }: { readonly clause: string }): boolean {
  return !clause.startsWith('C5.') && !clause.startsWith('C7.') && !clause.startsWith('N4.')
}

function planted(folder: string, { file, find, replace }: PlantedFault): string {
  const source = readFileSync(join(root, folder, file), 'utf8')
  expect(source.split(find), `${file} has the passage once`).toHaveLength(2)
  return source.replace(find, () => replace)
}
