import { describe, expect, test } from 'vitest'
import { inProcess, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '../../suite/index.ts'
import type { Case, Report } from '@switchyard/conformance'
import type { ClauseId } from '../../suite/index.ts'
import { simulated } from '@switchyard/simulated'
import { toy } from './toy.ts'
import type { ToyFault } from './toy.ts'

const TEST_MS = 120_000
/** Nothing that a server in this process has to do takes so long. */
const STILL_MS = 1_000

/** Faults that every schedule shows, and the clauses to look at. One that needs a rare schedule is found in simulation only. */
const FAULTS: readonly (readonly [fault: ToyFault, clause: ClauseId])[] = [
  ['destroys at shutdown', 'R4.3'],
  ['does not close', 'R4.1'],
  ['ends slow readers early', 'R5.3'],
  ['holds nobody back', 'R5.4'],
]

describe.concurrent('the conformance cases have one verdict on TCP and in simulation', () => {
  test('case by case, without a fault', { timeout: TEST_MS }, async () => {
    await expectParity('none', CASES)
  })

  for (const [fault, clause] of FAULTS) {
    test(`${clause}, case by case, fault: ${fault}`, { timeout: TEST_MS }, async () => {
      const cases = CASES.filter((each) => each.clause === clause)
      const report = await expectParity(fault, cases)
      expect(report.overall).toBe('failed')
    })
  }

  test('the order of events changes no verdict', { timeout: TEST_MS }, async () => {
    const report = await verify(ROUTER, simulated(ROUTER, toy(), { seed: 2 }))
    expect(report.results.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
  })
})

async function expectParity(fault: ToyFault, cases: readonly Case[]): Promise<Report> {
  const simulation = await verify(ROUTER, simulated(ROUTER, toy(fault)), { cases, stillMs: STILL_MS })
  const tcp = await verify(ROUTER, inProcess(ROUTER, toy(fault)), { cases, stillMs: STILL_MS, concurrency: 4 })
  expect(verdictsOf(simulation)).toEqual(verdictsOf(tcp))
  return simulation
}

function verdictsOf({ results }: Report): string[] {
  return results.map(({ case: id, verdict }) => `${id}: ${verdict}`)
}
