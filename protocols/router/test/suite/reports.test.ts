import { spawnSync } from 'node:child_process'
import { conclude } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { CaseResult, Verdict, WireEvent } from '@switchyard/conformance'
import { describe, expect, it } from 'vitest'
import { expecting } from '@switchyard/conformance/expectations'
import type { ExpectedReport } from '@switchyard/conformance/expectations'
import { readExpectations } from '@switchyard/conformance/expectations'
import { renderHtml } from '@switchyard/conformance/reports'
import { renderJson } from '@switchyard/conformance/reports'
import { renderJunit } from '@switchyard/conformance/reports'
import { renderReport } from '@switchyard/conformance/reports'
import { percent, rateOf, wilson } from '../../../../shared-tests/conformance/src/reports/wilson.ts'
import { all, parseXml } from './xml.ts'
import pc from 'picocolors'

/** All that a server, its name and its last words may contain. */
const NASTY = '<script>alert("1")</script> & \'quoted\' ]]> --> \u0000\u0007\u001b[31m \ud800 \u{1f600} &amp; \ufffe'
const COLOURS = pc.createColors(false)
const AT = { at: new Date('2026-01-02T03:04:05Z'), command: 'switchyard verify --exec \'<x> & "y"\'' }

describe('the 95 % interval of a rate', () => {
  // From Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d', (failed, count, low, high) => {
    const interval = wilson(failed, count)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })

  it('is the same for failures and passes, mirrored', () => {
    for (let failed = 0; failed <= 12; failed++) {
      expect(wilson(failed, 12).low).toBeCloseTo(1 - wilson(12 - failed, 12).high, 12)
    }
  })

  it('is everything where nothing was tried', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
  })

  it('is printed with the digits that count', () => {
    expect(rateOf(3, 20)).toBe('3 of 20 failed: 15 %, 95 % interval 5.2 % to 36 %')
    expect([percent(0), percent(1), percent(0.1234), percent(0.00123)]).toEqual(['0 %', '100 %', '12 %', '0.12 %'])
  })
})

describe('the text', () => {
  it('names the command that explains a stall, behind a cause that is one and no other', () => {
    const results = CASES.map(({ id, clause, name }): CaseResult => {
      const failure =
        id === 'R5.3-stalled-aborted' ? 'strangers-wait' : id === 'R3.7-unknown-id' ? 'wrong-bytes' : undefined
      const result = { clause, case: id, name, message: '', ms: 1, wire: [] }
      return failure ? { ...result, verdict: 'failed', failure: { code: failure } } : { ...result, verdict: 'passed' }
    })
    const report = expecting(conclude(ROUTER, 'x', results), [])
    const text = renderReport(report, { colours: COLOURS, all: false, explain: "switchyard explain --exec 'x'" })
    expect(text.split('Who waits for whom:')).toHaveLength(2)
    const [, behind] = text.split('One client that stops reading blocks everybody')
    expect(behind).toContain("Who waits for whom: switchyard explain --exec 'x'")
    expect(renderReport(report, { colours: COLOURS, all: false })).not.toContain('Who waits')
  })
})

describe('JUnit XML', () => {
  const xml = renderJunit([sample()])

  it('is well-formed, whatever a server says', () => {
    expect(() => parseXml(xml)).not.toThrow()
  })

  it('counts what it holds', () => {
    const suites = all(parseXml(xml), 'testsuite')
    expect(suites.length).toBeGreaterThan(1)
    for (const suite of suites) {
      const count = (name: string): number => all(suite, name).length
      const { tests, failures, errors = '0', skipped = '0' } = suite.attributes
      expect([tests, failures, errors, skipped].map(Number)).toEqual([
        count('testcase'),
        count('failure'),
        count('error'),
        count('skipped'),
      ])
    }
  })

  it('keeps every character that XML can write', () => {
    const [failure] = all(parseXml(xml), 'failure')
    expect(failure?.attributes['message']).toContain('<script>alert("1")</script> & \'quoted\' ]]>')
    expect(failure?.attributes['message']).toContain('\ufffd \u{1f600} &amp; \ufffd')
    expect(failure?.text).toContain('R1.1: "Integers are unsigned 32-bit')
    expect(failure?.text).toContain('receives')
  })

  it('is understood by another parser', ({ skip }) => {
    const python = 'import sys, xml.etree.ElementTree as E; print(len(E.parse(sys.stdin).findall(".//testcase")))'
    const { error, stdout, stderr } = spawnSync('python3', ['-c', python], { input: xml, encoding: 'utf8' })
    if (error) skip(`python3 is not on this machine: ${error.message}`)
    expect(stderr).toBe('')
    expect(Number(stdout)).toBe(all(parseXml(xml), 'testcase').length)
  })

  it('has a failure for each expectation that does not fit', () => {
    const text = renderJunit([expecting(conclude(ROUTER, 'x', [resultOf(0, 'passed')]), expectationOf('R5.3', 'fail'))])
    const [failure] = all(parseXml(text), 'failure')
    expect(failure?.attributes['message']).toContain('nothing in this run was judged by its clause "R5.3"')
  })
})

describe('the HTML page', () => {
  const html = renderHtml([sample()], AT)

  it('needs nothing else: no script, no network', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=/i)
    expect([...html.matchAll(/(?:src|href)="([^#][^"]*)"/g)].map(([, to]) => to)).toEqual(['https://example.org/1'])
  })

  it('escapes whatever a server says', () => {
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;quoted&#39;')
    expect(html).toContain('&lt;x&gt; &amp; &quot;y&quot;')
  })

  it('is well-formed', () => {
    expect(() => parseXml(asXml(html))).not.toThrow()
  })

  it('leads from each cell to its case, and there to the wire', () => {
    const ids = new Set(Array.from(html.matchAll(/<details id="([^"]+)"/g), ([, id]) => id))
    const links = Array.from(html.matchAll(/href="#([^"]+)"/g), ([, id]) => id)
    expect(ids.size).toBe(sample().results.length)
    expect(new Set(links)).toEqual(ids)
    expect(html).toContain(
      '<span class="id">00 00 00 02</span> <span class="body">68 69</span> <span class="nul">00</span>',
    )
    expect(html).toContain('1,000 bytes were not kept')
  })

  it('says the verdict in words, not by colour alone', () => {
    expect(html).toMatch(/aria-label="failed: an id, sent back/)
    expect(html).toMatch(/aria-label="passed: /)
    expect(html).toContain('Expected to be flaky: it depends')
  })

  it('holds several servers side by side', () => {
    const both = renderHtml([sample(), { ...sample(), target: 'the other' }], AT)
    expect(both).toContain('<th scope="col">the other</th>')
    expect(new Set(Array.from(both.matchAll(/ id="([^"]+)"/g), ([, id]) => id)).size).toBe(2 * sample().results.length)
  })
})

describe('the report on a terminal', () => {
  it('names the cause first, with one failure in full, and the others in a line', () => {
    const text = renderReport(sample(), { colours: COLOURS, all: false })
    expect(text).toContain('What to mend first\n\n1. ')
    expect(text).toContain('on the wire:')
    expect(text).toContain('"Integers are unsigned 32-bit, network byte order (big-endian)."')
    expect(text.split('failed: R').length - 1).toBe(1)
    expect(renderReport(sample(), { colours: COLOURS, all: true }).split('failed: R').length - 1).toBe(2)
  })

  it('passes no control characters on', () => {
    expect(
      renderReport({ ...sample(), summary: '' }, { colours: COLOURS, all: true }).replaceAll('\n', ''),
    ).not.toMatch(/\p{Cc}/u)
  })

  it('fits into 100 columns where the text is its own', () => {
    const report = {
      ...sample(),
      target: 'x',
      summary: '1 failed',
      results: [{ ...resultOf(0, 'failed', 'short'), wire: [] }],
    }
    for (const line of renderReport(report, { colours: COLOURS, all: false }).split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(100)
  })

  it('tells how often cases failed', () => {
    const runs = [
      { ...resultOf(0, 'flaky', 'sometimes'), runs: { count: 20, failed: 3 } },
      { ...resultOf(1, 'passed'), runs: { count: 20, failed: 0 } },
    ]
    const text = renderReport(expecting(conclude(ROUTER, 'x', runs), []), { colours: COLOURS, all: false })
    expect(text).toContain('3 of 20 failed: 15 %, 95 % interval 5.2 % to 36 %')
    expect(text).toContain('1 cases never failed in 20 runs: each fails in less than 16 % (95 %)')
  })
})

describe('the JSON', () => {
  const [object] = JSON.parse(renderJson([sample()]))

  it('has likely causes, excuses, and wire logs of what did not pass', () => {
    expect(object.causes.length).toBeGreaterThan(0)
    expect(object.results.find(({ verdict }: CaseResult) => verdict === 'failed').wire.length).toBeGreaterThan(0)
    expect(object.results.find(({ verdict }: CaseResult) => verdict === 'passed').wire).toBeUndefined()
    expect(object.results.find(({ verdict }: CaseResult) => verdict === 'failed-as-declared').expected).toBe(
      'it depends',
    )
  })
})

/** A report with every verdict in it. */
function sample(): ExpectedReport {
  const verdicts: readonly Verdict[] = ['failed', 'passed', 'failed', 'flaky', 'not-applicable', 'not-run', 'undecided']
  const results = verdicts.map((verdict, i) => resultOf(i * 5, verdict, verdict === 'passed' ? '' : NASTY))
  const flaky = results.find(({ verdict }) => verdict === 'flaky')?.case ?? ''
  return expecting(conclude(ROUTER, NASTY, results), expectationOf(flaky, 'flaky'))
}

function resultOf(index: number, verdict: Verdict, message = ''): CaseResult {
  const { id, clause, name } = CASES[index] ?? { id: 'R1.1-none', clause: 'R1.1', name: 'none' }
  const wire: readonly WireEvent[] = [
    { kind: 'connected', client: NASTY, atMs: 0 },
    { kind: 'id', client: NASTY, atMs: 0.5, id: 1 },
    { kind: 'sent', client: NASTY, atMs: 1, from: 0, hex: '00000002686900' },
    { kind: 'left-out', client: NASTY, atMs: 2, direction: 'sent', bytes: 1_000 },
    { kind: 'sent', client: NASTY, atMs: 2, from: 1_007, hex: 'ff00' },
    { kind: 'received', client: 'bob', atMs: 3, from: 0, hex: '0000000268692000' },
    { kind: 'fin', client: 'bob', atMs: 4 },
  ]
  const told = message === '' && verdict !== 'passed' ? [] : wire
  return { clause, case: id, name, verdict, message, ms: 12, wire: told }
}

function expectationOf(subject: string, expected: string): ReturnType<typeof readExpectations> {
  const key = /^R[\d.]+$/.test(subject) ? 'clause' : 'case'
  const given = { [key]: subject, expect: expected, reason: 'it depends', link: 'https://example.org/1' }
  return readExpectations(ROUTER, JSON.stringify({ expectations: [given] }))
}

/** The page as XML has it: void elements closed, no doctype, no style sheet; control characters are not for XML. */
function asXml(html: string): string {
  return html
    .replace(/^<!doctype html>\s*/, '')
    .replaceAll(/<meta ([^>]*)>/g, '<meta $1/>')
    .replaceAll('<br>', '<br/>')
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?')
}
