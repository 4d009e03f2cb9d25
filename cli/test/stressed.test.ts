/** What the stress suite found, as the command tells it: marks, exit codes, the matrix. */
import type { Cell, Tried } from '@switchyard/stress'
import { describe, expect, it } from 'vitest'
import { coloursFor } from '../src/colours.ts'
import { EXIT } from '../src/exit.ts'
import { renderStressed } from '../src/stress/matrix.ts'
import { exitCodeOf, markOf } from '../src/stress/outcome.ts'

const BASE = { subject: 'mutex', why: 'so it is', figure: '3 %', attempts: [] } as const
const promise: Cell = { ...BASE, guarantee: 'G3', declared: true, verdict: 'holds', ok: true }
const price: Cell = { ...BASE, guarantee: 'G2', declared: false, verdict: 'price-paid', ok: true }
const unexpected: Cell = { ...price, verdict: 'holds', ok: false }
const failed: Cell = { ...promise, verdict: 'price-paid', ok: false }
const broken: Cell = { ...price, verdict: 'broken', ok: false }
const undecided: Cell = { ...price, verdict: 'undecided', ok: false }
const storm: Tried = { ...BASE, trial: 'storm', verdict: 'holds', ok: true }

describe('marks and exit codes', () => {
  it.each([
    [promise, '✓', EXIT.passed],
    [price, '–', EXIT.passed],
    [storm, '✓', EXIT.passed],
    [unexpected, '✗', EXIT.failed],
    [failed, '✗', EXIT.failed],
    [broken, '✗', EXIT.failed],
    [undecided, '?', EXIT.undecided],
  ] as const)('%o', (result, mark, code) => {
    expect(markOf(result)).toBe(mark)
    expect(exitCodeOf([promise, result, price])).toBe(code)
  })

  it('a failure outweighs what is undecided', () => {
    expect(exitCodeOf([undecided, failed])).toBe(EXIT.failed)
  })
})

describe('the matrix', () => {
  it('has a mark and a figure for each guarantee that was measured, and says what is wrong', () => {
    const text = renderStressed({ cells: [unexpected, promise], trials: [storm] }, coloursFor(process.stderr))
    expect(text).toMatch(/^ +G2 +G3\nmutex +✗ +✓\n +3 % +3 %\n/)
    expect(text).toContain('mutex G2: not declared, and holds (an unexpected pass): so it is')
    expect(text).toContain('switchyard stress mutex --guarantee G2')
    expect(text).not.toContain('G4  ')
  })
})
