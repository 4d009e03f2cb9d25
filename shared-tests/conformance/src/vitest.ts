import type { Pattern } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { CASES } from './cases.ts'
import { clauseOf, CLAUSES } from './clauses.ts'
import type { CaseResult } from './running/report.ts'
import { ENDLESS_MS, missingFor, runCase } from './running/runner.ts'
import type { VerifyOptions } from './running/runner.ts'
import type { Target } from './targets/target.ts'
import { inProcess } from './targets/in-process.ts'

/** What a test may take beyond the case's own end, ms. */
const AROUND_MS = 20_000

/**
 * The suite as vitest tests of one pattern, named by clause and grouped by section. Cases of a clause that the pattern
 * declares to fail may fail, and one of them must: a declared failure that passes is a wrong declaration.
 */
export function conformance(pattern: Pattern): void {
  conformanceOf(inProcess(pattern))
}

/** `options` are those of a single case. */
export function conformanceOf(target: Target, options: Pick<VerifyOptions, 'stillMs'> = {}): void {
  const fails = (target.fails ?? []).map((id) => clauseOf(id).id)
  for (const section of new Set(CLAUSES.map((clause) => clause.section))) {
    const cases = CASES.filter((each) => clauseOf(each.clause).section === section)
    describe(`${target.name}: ${section}`, () => {
      for (const each of cases) {
        const missing = missingFor(each, target)
        const declared = fails.includes(each.clause)
        if (declared) continue
        const name = `${each.clause} ${each.name}`
        if (missing !== undefined) test.skip(`${name} (${missing})`, () => {})
        else test(name, async () => expectPassed(await runCase(target, each, options)), ENDLESS_MS + AROUND_MS)
      }
      for (const clause of fails.filter((id) => clauseOf(id).section === section)) {
        const judged = cases.filter((each) => each.clause === clause && missingFor(each, target) === undefined)
        test(
          `${clause} fails, as declared`,
          async () => {
            for (const each of judged) if ((await runCase(target, each, options)).verdict === 'failed') return
            expect.fail(`${clause} is declared to fail, but all of its ${judged.length} cases passed`)
          },
          judged.length * ENDLESS_MS,
        )
      }
    })
  }
}

function expectPassed({ verdict, message }: CaseResult): void {
  if (verdict !== 'passed') throw new Error(message === '' ? verdict : message)
}
