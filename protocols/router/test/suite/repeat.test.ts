import { describe, expect, test } from 'vitest'
import { Failed, inProcess, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { Cause, Report } from '@switchyard/conformance'
import type { Case } from '@switchyard/protocols/router/suite'
import { reference } from './servers/reference.ts'

describe('a case that is run several times', () => {
  test('passes if every run does', async () => {
    expect(await verdictOf(4, () => true)).toMatchObject({ verdict: 'passed', runs: { count: 4, failed: 0 } })
  })

  test('fails if every run does', async () => {
    expect(await verdictOf(3, () => false)).toMatchObject({ verdict: 'failed', runs: { count: 3, failed: 3 } })
  })

  test('is flaky otherwise, with the message of the first run that failed', async () => {
    const result = await verdictOf(5, (run) => run !== 2 && run !== 4)
    expect(result).toMatchObject({ verdict: 'flaky', runs: { count: 5, failed: 2 } })
    expect(result?.message).toContain('run 2 failed')
  })

  test('fails the whole run if it is flaky', async () => {
    const report = await repeated(3, (run) => run > 0)
    expect(report.overall).toBe('failed')
    expect(report.summary).toBe('0 passed, 1 flaky (R1.1)')
  })

  test('is run once if it is not applicable', async () => {
    const target = { ...inProcess(ROUTER, reference()), offers: [] }
    const [result] = (await verify(ROUTER, target, { cases: [caseOf(() => true)], repeat: 5 })).results
    expect(result).toMatchObject({ verdict: 'not-applicable' })
    expect(result?.runs).toBeUndefined()
  })

  test('says nothing of runs if there was one', async () => {
    expect((await verdictOf(1, () => true))?.runs).toBeUndefined()
  })
})

test('a case that was run is repeated with patience, and not closed by a cause that became known behind it', async () => {
  let runs = 0
  const late: Case = {
    ...caseOf(() => true),
    run: async () => {
      if (++runs === 1) throw new Failed('it came late', { code: 'late' })
    },
  }
  const beside: Case = { ...caseOf(() => false), id: 'R1.1-beside-it' }
  const telling: Case = { ...caseOf(() => false), id: 'R1.2-behind-it', clause: 'R1.2' }
  const cause: Cause = {
    id: 'a-cause',
    title: 'it fails',
    looksLike: '',
    toDo: '',
    clause: 'R1.2',
    signs: [[{ kind: 'fails', clauses: ['R1.2'] }]],
    explains: [{ clauses: ['R1.1'] }],
  }
  const target = { ...inProcess(ROUTER, reference()), offers: ['wire'] as const }
  const suite = { ...ROUTER, cases: [late, beside, telling], causes: [cause] }
  const { results } = await verify(suite, target, { brief: true })
  expect([results.map(({ verdict }) => verdict), runs]).toEqual([['passed', 'failed', 'failed'], 2])
})

test('in brief, of each cause that is known one failure of a clause is enough', async () => {
  const cases = (['R1.1', 'R1.2', 'R1.2', 'R1.3'] as const).map((clause, place): Case => ({
    ...caseOf(() => false),
    clause,
    id: `${clause}-${place}`,
  }))
  const causes = ['R1.1', 'R1.2'].map((clause): Cause => ({
    id: `breaks-${clause}`,
    title: 'it fails',
    looksLike: '',
    toDo: '',
    clause,
    signs: [[{ kind: 'fails', clauses: [clause] }]],
    explains: [],
  }))
  const { results } = await verify({ ...ROUTER, cases, causes }, inProcess(ROUTER, reference()), { brief: true })
  expect(results.map(({ verdict }) => verdict)).toEqual(['failed', 'failed', 'not-run', 'failed'])
})

describe.concurrent('a server that stands still', () => {
  test('is waited for in the first cases only', async () => {
    const cases = CASES.filter(({ clause }) => clause === 'R1.2' || clause === 'R1.3')
    const { results } = await verify(ROUTER, inProcess(ROUTER, reference('forwards no NUL')), { cases, stillMs: 1_200 })
    const failed = results.filter(({ verdict }) => verdict === 'failed')
    expect(failed.slice(0, 2).every(({ message }) => message.includes('for 1200 ms'))).toBe(true)
    expect(failed.at(-1)?.message).toContain('for 1000 ms')
  }, 60_000)

  test('of which nothing passes is not judged to the end', async () => {
    const { overall, results, summary } = await verify(ROUTER, inProcess(ROUTER, reference('forwards no NUL')), {
      stillMs: 300,
    })
    expect(overall).toBe('failed')
    expect(results.filter(({ verdict }) => verdict === 'failed').length).toBeLessThan(20)
    expect(summary).toMatch(/\d\d not run$/)
    expect(results.find(({ verdict }) => verdict === 'not-run')?.message).toMatch(
      /of the first \d\d cases passed; mend what is wrong/,
    )
  }, 60_000)
})

async function verdictOf(
  repeat: number,
  passes: (run: number) => boolean,
): Promise<Report['results'][number] | undefined> {
  return (await repeated(repeat, passes)).results[0]
}

function repeated(repeat: number, passes: (run: number) => boolean): Promise<Report> {
  return verify(ROUTER, inProcess(ROUTER, reference()), { cases: [caseOf(passes)], repeat })
}

/** A case that comes out as it is told, run by run. */
function caseOf(passes: (run: number) => boolean): Case {
  let run = 0
  return {
    id: 'R1.1-of-this-test',
    clause: 'R1.1',
    name: 'a case of this test',
    needs: ['wire'],
    run: () => {
      const passed = passes(run++)
      return passed ? Promise.resolve() : Promise.reject(new Failed(`run ${run - 1} failed`, 'wrong-value'))
    },
  }
}
