import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Conformance } from '@switchyard/bench'
import { command, inProcess, verify } from '@switchyard/conformance'
import type { Suite, Target } from '@switchyard/conformance'
import { known } from '../mutants.ts'

/** Cases wait more than they work. */
const CASES_AT_A_TIME = 4

/** Who does not route as the protocol has it is not ranked, however fast. Routing only: limits have their own command. */
export function judgePattern(suite: Suite, name: string): Promise<Conformance> {
  return judged(suite, inProcess(suite, known(name).pattern), CASES_AT_A_TIME)
}

export function judgePeer(line: string): Promise<Conformance> {
  return judged(ROUTER, command(line), 1)
}

async function judged(suite: Suite, target: Target, concurrency: number): Promise<Conformance> {
  await using judging = target
  const { overall, summary } = await verify(suite, judging, { profile: 'basic', concurrency })
  const state = overall === 'passed' ? 'kept' : 'broken'
  return { state, summary: `${summary} (switchyard verify --profile basic)` }
}
