/** Every server that is wrong on purpose is caught, for its header's reason; every clause and guarantee is broken by one. */
import { readFileSync } from 'node:fs'
import { CASES } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import { judge } from '../src/kill-matrix/judge.ts'
import { catches, problemsOf, unbroken } from '../src/kill-matrix/matrix.ts'
import type { JudgedRow, Row } from '../src/kill-matrix/matrix.ts'
import { renderTable, RESULTS_FILE, resultsOf, TABLE_FILE } from '../src/kill-matrix/render.ts'
import type { Results } from '../src/kill-matrix/render.ts'
import { subjects } from '../src/kill-matrix/subjects.ts'
import type { Subject } from '../src/kill-matrix/subjects.ts'

const TEST_MS = 120_000
const ALL = subjects()
const judged = new Map<string, JudgedRow>()

describe('caught for the reason that its header names', () => {
  // Most of the time they wait for what never comes. What variants pay is measured, so each of them runs alone.
  it.concurrent.each(ofKind('mutant'))('%s', caught, TEST_MS)
  it.each(ofKind('variant'))('%s', caught, TEST_MS)
})

it('nothing is left that nothing breaks', () => {
  expect(judged.size).toBe(ALL.length)
  expect(unbroken(rows())).toEqual([])
})

it('every case of the suite catches a fault of its own clause', () => {
  expect(CASES.filter((each) => catches(each, rows()) === 0).map(({ id }) => id)).toEqual([])
})

describe('the committed matrix', () => {
  it('is of these servers, and of these sights (npm run kill-matrix makes it anew)', () => {
    const committed: Results = JSON.parse(read(RESULTS_FILE))
    expect(committed.rows.map(summary)).toEqual(resultsOf(rows()).rows.map(summary))
  })

  it('is rendered as it is', () => {
    expect(read(TABLE_FILE)).toBe(renderTable(JSON.parse(read(RESULTS_FILE))))
  })
})

function ofKind(kind: Row['kind']): readonly (readonly [string, Subject])[] {
  return ALL.filter(({ row }) => row.kind === kind).map((subject) => [subject.row.name, subject] as const)
}

async function caught(_: string, subject: Subject): Promise<void> {
  const row = await judge(subject, 'named')
  judged.set(row.name, row)
  expect(problemsOf([row], [])).toEqual([])
}

/** Those judged, in the order of the matrix. */
function rows(): readonly JudgedRow[] {
  return ALL.flatMap(({ row }) => judged.get(row.name) ?? [])
}

/** Whom it speaks of, and what it says is seen; what is reported may hold numbers that differ. */
function summary({ name, named }: Results['rows'][number]): string {
  return `${name}: ${named.map(({ column, by, reported }) => `${column} by ${by}${reported ? '' : ', not seen'}`).join('; ')}`
}

function read(file: string): string {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
}
