/** One server, judged in three ways: the verdicts agree, case by case, wherever a case can be judged. */
import { address, command, inProcess, verify } from '@switchyard/shared-tests'
import type { CaseResult, Target } from '@switchyard/shared-tests'
import { expect, it } from 'vitest'
import { known } from '../src/patterns.ts'
import { BIN, Serving } from './switchyard.ts'

/** One that keeps every clause, and one that does not. */
const NAMES = ['mutex', 'plain']
const MINUTES = 60_000

it.each(NAMES)(
  '%s: verify --exec agrees with the verdict in process',
  async (name) => {
    const there = await judge(command(`exec ${process.execPath} ${BIN} serve ${name} --port {port}`))
    const own = await judgedHere(name)
    expect(applicable(there).length).toBeGreaterThan(50)
    expect(disagreements(own, there)).toEqual([])
  },
  5 * MINUTES,
)

it.each(NAMES)(
  '%s: verify --connect agrees with the verdict in process',
  async (name) => {
    await using serving = await Serving.start(name)
    const there = await judge(address('127.0.0.1', serving.port))
    const own = await judgedHere(name)
    expect(applicable(there).length).toBeGreaterThan(30)
    expect(disagreements(own, there)).toEqual([])
  },
  5 * MINUTES,
)

const judgedBefore = new Map<string, Promise<readonly CaseResult[]>>()

function judgedHere(name: string): Promise<readonly CaseResult[]> {
  const judged = judgedBefore.get(name) ?? judge(inProcess(known(name).pattern))
  judgedBefore.set(name, judged)
  return judged
}

async function judge(target: Target): Promise<readonly CaseResult[]> {
  await using judged = target
  return (await verify(judged)).results
}

function applicable(results: readonly CaseResult[]): readonly CaseResult[] {
  return results.filter(({ verdict }) => verdict !== 'not-applicable')
}

/** Whether a failure was declared, only the target in process knows. */
function disagreements(here: readonly CaseResult[], there: readonly CaseResult[]): readonly string[] {
  return applicable(there).flatMap(({ case: name, clause, verdict, message }) => {
    const own = here.find((result) => result.case === name)?.verdict.replace('failed-as-declared', 'failed')
    return own === verdict ? [] : [`${clause} ${name}: ${own} here, ${verdict} there: ${message}`]
  })
}
