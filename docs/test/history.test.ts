/** Each step of the history breaks what its page says, in the file that the laboratory opens; and other things it keeps. */
import { runCase } from '@switchyard/conformance/portable'
import type { CaseResult } from '@switchyard/conformance/portable'
import { SCHEDULING_MUTANTS } from '@switchyard/mutants'
import { FAULTS } from '@switchyard/protocols/chat/faults'
import { simulated } from '@switchyard/simulated'
import { describe, expect, it } from 'vitest'
import { CHAT_STEPS, PATTERN_STEPS } from '../src/history/steps.ts'
import { beginningOf, BEGINNINGS } from '../src/lab/beginnings.ts'
import type { Beginning } from '../src/lab/beginnings.ts'
import { experiment, subjectOf } from '../src/lab/experiment.ts'
import { SOURCES } from '../src/lab/files.ts'

/** Nothing here takes real time: what stands still for so long stands still. */
const STILL_MS = 150

describe('a step to the five', () => {
  const [plain, ...mutants] = PATTERN_STEPS.map((step) => [step.id, step] as const)

  it('at first breaks what its page says', async () => {
    const [id, { breaks }] = plain ?? fail()
    expect(await verdictOf(id, breaks)).toBe('failed')
    expect(await verdictOf(id, 'R3.4-both-at-once')).toBe('passed')
  })

  it.each(mutants)('%s breaks what its page says', async (id, { breaks }) => {
    const { path, text } = begun(id)
    // What was found is not made small here: that a level of the game is lost by its par is proved there.
    const verdict = await experiment({ task: 'explore', path, text, index: 0, of: 1 }, SOURCES, () => {}, 0)
    expect(verdict).toMatchObject({ kind: 'explored', found: { clause: breaks, minimal: false } })
    expect(await verdictOf(id, 'R2.1-not-given-again')).toBe('passed')
  })

  it('is each mutant of schedules, and says of it what the mutant says', () => {
    expect(Object.fromEntries(mutants.map(([id, { breaks }]) => [id, breaks]))).toEqual(
      Object.fromEntries(SCHEDULING_MUTANTS.map(({ pattern, seenBy }) => [pattern.name, seenBy])),
    )
  })
})

describe('a step to a chat', () => {
  it.each(CHAT_STEPS.map((step) => [step.id, step] as const))('%s fails its case', async (id, step) => {
    expect(await verdictOf(id, step.case)).toBe('failed')
    expect(await verdictOf(id, 'C4.1-help')).toBe('passed')
  })

  it('is each fault of the tutorial', () => {
    const steps = CHAT_STEPS.map(({ id }) => id)
    expect(steps).toEqual(expect.arrayContaining(FAULTS.filter(({ tutorial }) => tutorial).map(({ id }) => id)))
  })
})

it('there are ten and eighteen, and whatever one begins with has a name of its own', () => {
  expect([PATTERN_STEPS.length, CHAT_STEPS.length]).toEqual([10, 18])
  const ids = Object.values(BEGINNINGS).flatMap((members) => members.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)
})

function begun(id: string): Beginning {
  return beginningOf(id) ?? fail(`there is no ${id}`)
}

function fail(why = 'there is none'): never {
  throw new RangeError(why)
}

function verdictOf(id: string, which: string): Promise<CaseResult['verdict']> {
  const { pattern, judges } = subjectOf(begun(id), SOURCES)
  return judges.with(async (suite) => {
    const known = suite.cases.find((each) => each.id === which) ?? fail(`there is no case ${which}`)
    return (await runCase(suite, simulated(suite, pattern), known, { stillMs: STILL_MS })).verdict
  })
}
