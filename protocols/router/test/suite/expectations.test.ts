import { conclude } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { CaseResult, Verdict } from '@switchyard/conformance'
import { describe, expect, it } from 'vitest'
import { expecting } from '@switchyard/conformance/expectations'
import { judgeAgainst } from '@switchyard/conformance/expectations'
import type { Outcome } from '@switchyard/conformance/expectations'
import { MalformedExpectations, readExpectations } from '@switchyard/conformance/expectations'
import type { Expectations } from '@switchyard/conformance/expectations'

const [FIRST = '', SECOND = ''] = CASES.filter(({ clause }) => clause === 'R5.3').map(({ id }) => id)

describe('a file of expectations', () => {
  it('may begin with a mark of byte order', () => {
    const text = '{ "expectations": [{ "clause": "R5.3", "expect": "fail", "reason": "no write deadline yet" }] }'
    expect(readExpectations(ROUTER, `\uFEFF${text}`)).toEqual(readExpectations(ROUTER, text))
  })

  it('says of clauses, cases and guarantees what is known, and why', () => {
    const entries = [
      { clause: 'R5.3', expect: 'fail', reason: 'no write deadline yet', link: 'https://example.org/1' },
      { case: FIRST, expect: 'flaky', reason: 'it depends on the day' },
      { guarantee: 'G3', expect: 'pass', reason: 'its queues are bounded' },
    ]
    expect(readExpectations(ROUTER, JSON.stringify({ expectations: entries }))).toEqual([
      {
        kind: 'clause',
        subject: 'R5.3',
        expect: 'fail',
        reason: 'no write deadline yet',
        link: 'https://example.org/1',
        place: 'expectations[0]',
      },
      { kind: 'case', subject: FIRST, expect: 'flaky', reason: 'it depends on the day', place: 'expectations[1]' },
      { kind: 'guarantee', subject: 'G3', expect: 'pass', reason: 'its queues are bounded', place: 'expectations[2]' },
    ])
  })

  it.each([
    ['{"expectations": [}', /it is no JSON: .*\[\}/],
    ['{"expectations": [\n{"clause": "R1.1"\n"expect"', /it is no JSON: .*line 3,? column 1\b/],
    ['', /it is no JSON/],
    ['[]', /it must be an object with a list: { "expectations": \[/],
    ['{"expectation": []}', /it must be an object with a list/],
    ['{"expectations": [], "version": 1}', /"version" means nothing here/],
    [entry('"R5.3"'), /expectations\[0\] is no object: write \{/],
    [entry('{"clause": "R5.3", "expects": "fail"}'), /expectations\[0\] has "expects", which means nothing: there are/],
    [entry('{"expect": "fail", "reason": "r"}'), /must have one of case, clause, guarantee, and has none/],
    [entry('{"clause": "R5.3", "guarantee": "G1"}'), /must have one of .*, and has clause, guarantee/],
    [entry('{"clause": "R5.3", "expect": "fial", "reason": "r"}'), /\[0\].expect is "fial": it must be "pass", "fail"/],
    [entry('{"clause": "R5.3", "reason": "r"}'), /\[0\].expect is missing: it must be/],
    [entry('{"clause": "R5.3", "expect": "fail"}'), /\[0\].reason is missing: .*must know why/],
    [entry('{"clause": "R5.3", "expect": "fail", "reason": " "}'), /\[0\].reason is " "/],
    [entry('{"clause": 53, "expect": "fail", "reason": "r"}'), /\[0\].clause is 53: it must be a text/],
    [entry('{"clause": "R5.9", "expect": "fail", "reason": "r"}'), /there is no clause "R5.9". Did you mean "R5.\d"\?/],
    [entry('{"clause": "R2.2", "expect": "fail", "reason": "r"}'), /there is no clause "R2.2"/],
    [entry('{"guarantee": "G99", "expect": "fail", "reason": "r"}'), /there is no guarantee "G99"/],
    [entry(`{"case": "${FIRST}s", "expect": "fail", "reason": "r"}`), /there is no case .* Did you mean "R5.3-/],
    [
      entry('{"clause": "R5.3", "expect": "fail", "reason": "r", "link": "wiki"}'),
      /\[0\].link is "wiki": it must begin/,
    ],
    [
      entry('{"clause": "R5.3", "expect": "fail", "reason": "r"}, {"clause": "R5.3", "expect": "pass", "reason": "r"}'),
      /expectations\[1\] is about the clause "R5.3", as expectations\[0\]: keep one/,
    ],
  ])('that is malformed says what, where and what to do: %j', (text, sentence) => {
    expect(() => readExpectations(ROUTER, text)).toThrow(MalformedExpectations)
    expect(() => readExpectations(ROUTER, text)).toThrow(sentence)
  })
})

describe('what was judged is held against it', () => {
  it.each([
    ['fail', 'failed', 'excused'],
    ['fail', 'flaky', 'failure'],
    ['fail', 'passed', 'unexpected-pass'],
    ['flaky', 'failed', 'excused'],
    ['flaky', 'flaky', 'excused'],
    ['flaky', 'passed', 'fine'],
    ['pass', 'failed', 'failure'],
    ['pass', 'flaky', 'failure'],
    ['pass', 'passed', 'fine'],
    ['fail', 'open', 'unused'],
    ['flaky', 'open', 'unused'],
    ['pass', 'open', 'unused'],
  ] as const)('expected to %s, and %s: %s', (expected, outcome, verdict) => {
    const judged: Outcome = { subjects: ['a case', 'R5.3'], outcome }
    const { excused, complaints } = judgeAgainst(entriesOf(['R5.3', expected]), [judged], ['clause'])
    expect(excused.has(judged)).toBe(verdict === 'excused')
    expect(complaints.map(({ kind }) => kind)).toEqual(
      verdict === 'unexpected-pass' || verdict === 'unused' ? [verdict] : [],
    )
  })

  it('by its most specific entry: the rest of a clause is not excused by that of one case', () => {
    const one: Outcome = { subjects: [FIRST, 'R5.3'], outcome: 'failed' }
    const other: Outcome = { subjects: [SECOND, 'R5.3'], outcome: 'failed' }
    const byCase = judgeAgainst(entriesOf([FIRST, 'fail']), [one, other], ['case', 'clause'])
    expect([...byCase.excused.keys()]).toEqual([one])
    const both = judgeAgainst(entriesOf([FIRST, 'pass'], ['R5.3', 'fail']), [one, other], ['case', 'clause'])
    expect([...both.excused.keys()]).toEqual([other])
  })

  it('a clause of which one case fails is no unexpected pass', () => {
    const outcomes: Outcome[] = [
      { subjects: [FIRST, 'R5.3'], outcome: 'failed' },
      { subjects: [SECOND, 'R5.3'], outcome: 'passed' },
    ]
    expect(judgeAgainst(entriesOf(['R5.3', 'fail']), outcomes, ['clause']).complaints).toEqual([])
  })

  it('entries for another command are neither used nor unused', () => {
    const outcome: Outcome = { subjects: ['G3'], outcome: 'failed' }
    const expectations = entriesOf(['G3', 'fail'], ['R5.3', 'fail'])
    const { excused, complaints } = judgeAgainst(expectations, [outcome], ['guarantee'])
    expect(excused.size).toBe(1)
    expect(complaints).toEqual([])
  })
})

describe('a report', () => {
  it('of which every failure is expected has passed', () => {
    const report = expecting(reportOf(['failed', 'passed']), entriesOf([FIRST, 'fail']))
    expect(report.overall).toBe('passed')
    expect(report.results.map(({ verdict }) => verdict)).toEqual(['failed-as-declared', 'passed'])
    expect(report.excuses.get(FIRST)?.reason).toBe('because')
  })

  it('with an unexpected pass has failed, and says which entry to delete', () => {
    const report = expecting(reportOf(['passed', 'passed']), entriesOf([FIRST, 'fail']))
    expect(report.overall).toBe('failed')
    expect(report.complaints[0]).toMatch(/^expectations\[0\]: the case "R5.3-.*" is expected to fail, and passed/)
  })

  it('with an unused entry has failed', () => {
    const report = expecting(reportOf(['passed', 'passed']), entriesOf(['R1.1', 'fail']))
    expect(report.overall).toBe('failed')
    expect(report.complaints[0]).toMatch(/^expectations\[0\]: nothing in this run was judged by its clause "R1.1"/)
  })

  it('of a server that is not there stays undecided', () => {
    const report = expecting(reportOf(['undecided', 'undecided']), entriesOf(['R1.1', 'fail']))
    expect(report).toMatchObject({ overall: 'undecided', complaints: [] })
  })

  it('excuses nothing that is not in the file', () => {
    expect(expecting(reportOf(['failed', 'failed']), entriesOf([FIRST, 'fail'])).overall).toBe('failed')
  })
})

function entry(text: string): string {
  return `{"expectations": [${text}]}`
}

function entriesOf(...entries: readonly (readonly [subject: string, expect: string])[]): Expectations {
  const written = entries.map(([subject, expected]) => ({
    [/^R[\d.]+$/.test(subject) ? 'clause' : /^G\d/.test(subject) ? 'guarantee' : 'case']: subject,
    expect: expected,
    reason: 'because',
  }))
  return readExpectations(ROUTER, JSON.stringify({ expectations: written }))
}

function reportOf([first, second]: readonly [Verdict, Verdict]): ReturnType<typeof conclude> {
  return conclude(ROUTER, 'a server', [resultOf(FIRST, first), resultOf(SECOND, second)])
}

function resultOf(id: string, verdict: Verdict): CaseResult {
  const message = verdict === 'passed' ? '' : 'it did not'
  return { clause: 'R5.3', case: id, name: 'it does', verdict, message, ms: 1, wire: [] }
}
