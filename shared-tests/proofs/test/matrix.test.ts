/** The matrix itself can fail: what it says of checks that catch nothing, or the wrong thing. */
import { SOUND } from '@switchyard/mutants'
import { CASES } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import { judge } from '../src/kill-matrix/judge.ts'
import { catches, problemsOf } from '../src/kill-matrix/matrix.ts'
import type { JudgedRow, Row, Sight } from '../src/kill-matrix/matrix.ts'
import { PROBE } from '../src/kill-matrix/probes.ts'
import { renderTable, resultsOf } from '../src/kill-matrix/render.ts'
import { SCHEDULES } from '../src/kill-matrix/schedules.ts'

const TEST_MS = 120_000
const SIGHT: Sight = { column: 'R3.1', by: 'a case', reason: 'came to another' }
const CAUGHT: JudgedRow = {
  name: 'faulty',
  kind: 'mutant',
  file: 'faulty.ts',
  sights: [SIGHT],
  kills: [{ column: 'R3.1', by: 'a case', message: 'a message came to another client' }],
}

describe('the matrix has nothing to say', () => {
  it('when each row is caught as it says, and each column by some row', () => {
    expect(problemsOf([CAUGHT], ['R3.1'])).toEqual([])
  })

  it('of a variant that fails nothing and pays nothing', () => {
    expect(problemsOf([{ ...CAUGHT, kind: 'variant', sights: [], kills: [] }], [])).toEqual([])
  })

  it('of a mutant that breaks more than it names', () => {
    const kills = [...CAUGHT.kills, { column: 'R3.2', by: 'another case', message: '' }] as const
    expect(problemsOf([{ ...CAUGHT, kills }], ['R3.1'])).toEqual([])
  })
})

describe('the matrix reports', () => {
  it('a mutant that survives', () => {
    expect(problemsOf([{ ...CAUGHT, kills: [] }], [])).toEqual([
      'faulty: R3.1, by "a case", is broken never: it survives',
    ])
  })

  it('a mutant that another check sees than the one that it names', () => {
    const kills = [{ column: 'R3.1', by: 'another case', message: 'a message came to another client' }] as const
    expect(problemsOf([{ ...CAUGHT, kills }], [])).toHaveLength(1)
  })

  it('a mutant that is caught for another reason', () => {
    const kills = [{ column: 'R3.1', by: 'a case', message: 'nothing has moved' }] as const
    expect(problemsOf([{ ...CAUGHT, kills }], [])).toEqual([
      'faulty: R3.1, by "a case", is broken for another reason than "came to another": nothing has moved',
    ])
  })

  it('a mutant that names nothing', () => {
    expect(problemsOf([{ ...CAUGHT, sights: [] }], [])).toEqual(['faulty: names nothing that it breaks'])
  })

  it('a column that nothing breaks, and one that is broken by chance only', () => {
    const kills = [...CAUGHT.kills, { column: 'R3.2', by: 'another case', message: '' }] as const
    expect(problemsOf([{ ...CAUGHT, kills }], ['R3.1', 'R3.2', 'G1'])).toEqual([
      'R3.2: nothing breaks it',
      'G1: nothing breaks it',
    ])
  })

  it('a column that is broken only by what follows from another fault', () => {
    expect(problemsOf([{ ...CAUGHT, sights: [{ ...SIGHT, follows: true }] }], ['R3.1'])).toEqual([
      'R3.1: nothing breaks it',
    ])
  })

  it('a guarantee that a variant declares, and breaks', () => {
    const kills = [...CAUGHT.kills, { column: 'G2', by: PROBE, message: 'nothing comes' }] as const
    expect(problemsOf([{ ...CAUGHT, kind: 'variant', kills }], [])).toEqual([
      `faulty: breaks G2, which it declares: "${PROBE}": nothing comes`,
    ])
  })
})

describe('a case', () => {
  const [aCase] = CASES.filter(({ clause }) => clause === 'R3.1')
  const kills = [{ column: 'R3.1', by: aCase?.id ?? '', message: '' }] as const

  it('catches a row with a fault of its clause that fails it', () => {
    expect(aCase && catches(aCase, [{ ...CAUGHT, kills }])).toBe(1)
  })

  it('catches nothing where what fails it is another fault', () => {
    expect(aCase && catches(aCase, [{ ...CAUGHT, kills, sights: [{ ...SIGHT, column: 'R1.1' }] }])).toBe(0)
    expect(aCase && catches(aCase, [{ ...CAUGHT, kills, sights: [{ ...SIGHT, follows: true }] }])).toBe(0)
    expect(aCase && catches(aCase, [{ ...CAUGHT, kills: [] }])).toBe(0)
  })
})

describe('a server without a fault, taken for a mutant, survives', () => {
  const sights: readonly Sight[] = [
    { column: 'R1.3', by: 'R1.3-empty-body', reason: '' },
    { column: 'R4.1', by: SCHEDULES, reason: '' },
    { column: 'G3', by: PROBE, reason: '' },
  ]

  it.each(sights.map((sight) => [sight.by, sight] as const))(
    '%s',
    async (_, sight) => {
      const row: Row = { name: 'sound', kind: 'mutant', file: 'sound.ts', sights: [sight] }
      const judged = await judge({ row, pattern: SOUND }, 'named')
      expect(problemsOf([judged], [])).toEqual([
        `sound: ${sight.column}, by "${sight.by}", is broken never: it survives`,
      ])
    },
    TEST_MS,
  )

  it(
    'and no case of the suite finds anything in it',
    async () => {
      const row: Row = { name: 'sound', kind: 'mutant', file: 'sound.ts', sights: [] }
      expect((await judge({ row, pattern: SOUND }, 'all')).kills).toEqual([])
    },
    TEST_MS,
  )
})

describe('the table', () => {
  it('marks what the header names, and what is killed besides', () => {
    const kills = [...CAUGHT.kills, { column: 'R3.2', by: 'another case', message: '' }] as const
    const table = renderTable(resultsOf([{ ...CAUGHT, kills }]))
    expect(table).toMatch(/^\| \[faulty\]\(\.\.\/faulty\.ts\)( \| )+\*\*●\*\* \| · ( *\| )+/m)
  })

  it('says what nothing breaks', () => {
    expect(renderTable(resultsOf([CAUGHT]))).toContain('R1.1, R1.2')
  })
})
