import type { Pattern } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import type { Session } from './session/session.ts'
import { clauseOf, sectionsOf } from './suite.ts'
import type { Suite } from './suite.ts'
import type { CaseResult } from './running/report.ts'
import type { VerifyOptions } from './running/options.ts'
import { ENDLESS_MS, missingFor, runCase } from './running/run-case.ts'
import type { Target } from './targets/target.ts'
import { inProcess } from './targets/in-process.ts'

/** What a test may take beyond the case's own end, ms. */
const AROUND_MS = 20_000

/**
 * The suite as vitest tests of one pattern, named by clause and grouped by section. Cases of a clause that the pattern
 * declares to fail may fail, and one of them must: a declared failure that passes is a wrong declaration.
 */
export function conformance<C extends Session>(suite: Suite<C>, pattern: Pattern): void {
  conformanceOf(suite, inProcess(suite, pattern))
}

/** `options` are those of a single case. */
export function conformanceOf<C extends Session>(
  suite: Suite<C>,
  target: Target,
  options: Pick<VerifyOptions, 'stillMs'> = {},
): void {
  const fails = (target.fails ?? []).map((id) => clauseOf(suite, id).id)
  for (const section of sectionsOf(suite)) {
    const cases = suite.cases.filter((each) => clauseOf(suite, each.clause).section === section)
    describe(`${target.name}: ${section}`, () => {
      for (const each of cases) {
        const missing = missingFor(each, target)
        const declared = fails.includes(each.clause)
        if (declared) continue
        const name = `${each.id}: ${each.name}`
        if (missing !== undefined) test.skip(`${name} (${missing})`, () => {})
        else test(name, async () => expectPassed(await runCase(suite, target, each, options)), ENDLESS_MS + AROUND_MS)
      }
      for (const clause of fails.filter((id) => clauseOf(suite, id).section === section)) {
        const judged = cases.filter((each) => each.clause === clause && missingFor(each, target) === undefined)
        test(
          `${clause} fails, as declared`,
          async () => {
            for (const each of judged) if ((await runCase(suite, target, each, options)).verdict === 'failed') return
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
