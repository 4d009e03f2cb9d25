/** The router's own checker and the one that knows no protocol, in short: `npm run agreement` has the full count. */
import { PATTERNS } from '@switchyard/impls'
import { CONNECTION_MUTANTS, SCHEDULING_MUTANTS, SOUND } from '@switchyard/mutants'
import { describe, expect, it } from 'vitest'
import { agreementOf } from '../src/agreement/agreement.ts'

const RUNS = 300
const TEST_MS = 60_000

describe(
  'whatever the checker of the router finds, the one of deliveries finds, in the same run',
  { timeout: TEST_MS },
  () => {
    it.each([...PATTERNS, SOUND].map((pattern) => [pattern.name, pattern] as const))(
      '%s: neither finds anything',
      async (_, pattern) => {
        expect(await agreementOf(pattern, 0, RUNS - 1)).toEqual({ both: 0, routerOnly: [], deliveryOnly: [] })
      },
    )

    it.each(SCHEDULING_MUTANTS.map(({ pattern }) => [pattern.name, pattern] as const))(
      '%s: both find its fault',
      async (_, pattern) => {
        const { both, routerOnly } = await agreementOf(pattern, 0, RUNS - 1)
        expect(routerOnly).toEqual([])
        expect(both).toBeGreaterThan(0)
      },
    )

    it.each(CONNECTION_MUTANTS.map(({ pattern }) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
      const { routerOnly, deliveryOnly } = await agreementOf(pattern, 0, RUNS - 1)
      expect([routerOnly, deliveryOnly.filter(({ violation }) => violation.clause !== 'R5.4')]).toEqual([[], []])
    })
  },
)
