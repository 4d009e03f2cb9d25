/** One server, judged in three ways: the verdicts agree, case by case, wherever a case can be judged. */
import { ROUTER } from '@switchyard/protocols/router/suite'
import { address, command, inProcess, verify } from '@switchyard/conformance'
import type { CaseResult, Target } from '@switchyard/conformance'
import { expect, it } from 'vitest'
import { known } from '../src/mutants.ts'
import { BIN, Serving } from './switchyard.ts'

const MINUTES = 60_000
/** What `plain` fails it fails by standing still. The patience with which a stranger's failures are repeated has tests of its own. */
const STILL_MS = 1_000
/** How much a server without bounds holds when its shutdown begins, and so whether its grace is enough for that, is chance. */
const BY_CHANCE: ReadonlySet<string> = new Set(['R4.3-prefixes-under-load'])

// One that keeps every clause, and one that does not.
it(
  'plain: verify --exec agrees with the verdict in process',
  async () => {
    const there = await judge(command(`exec ${process.execPath} ${BIN} serve plain --port {port}`))
    const own = await judge(inProcess(ROUTER, known('plain').pattern))
    expect(applicable(there).length).toBeGreaterThan(50)
    const decided = there.filter((result) => !BY_CHANCE.has(result.case))
    expect(disagreements(own, decided)).toEqual([])
  },
  5 * MINUTES,
)

it(
  'mutex: verify --connect agrees with the verdict in process',
  async () => {
    await using serving = await Serving.start('mutex')
    const there = await judge(address('127.0.0.1', serving.port))
    const own = await judge(inProcess(ROUTER, known('mutex').pattern))
    expect(applicable(there).length).toBeGreaterThan(30)
    expect(disagreements(own, there)).toEqual([])
  },
  5 * MINUTES,
)

async function judge(target: Target): Promise<readonly CaseResult[]> {
  await using judged = target
  return (await verify(ROUTER, judged, { stillMs: STILL_MS })).results
}

function applicable(results: readonly CaseResult[]): readonly CaseResult[] {
  return results.filter(({ verdict }) => verdict !== 'not-applicable')
}

/** Whether a failure was declared, only the target in process knows. */
function disagreements(here: readonly CaseResult[], there: readonly CaseResult[]): readonly string[] {
  return applicable(there).flatMap(({ case: id, verdict, message }) => {
    const own = here.find((result) => result.case === id)?.verdict.replace('failed-as-declared', 'failed')
    return own === verdict ? [] : [`${id}: ${own} here, ${verdict} there: ${message}`]
  })
}
