import { DEFAULT_LIMITS } from '@switchyard/core'
import type { Session } from '../session/session.ts'
import type { Suite } from '../suite.ts'
import { Failed } from '../failed.ts'
import { Unreachable } from '../targets/target.ts'
import type { Target } from '../targets/target.ts'
import { settlesWithin } from '@switchyard/harness/portable'

/** How long a server may take to greet the first client, ms: far more than any needs. */
const ADMITTED_MS = 2_500
/** How long it may take to close the connection again, ms. */
const LEAVE_MS = 500

/** Why no case needs to be run. */
export interface Obstacle {
  readonly verdict: 'failed' | 'undecided'
  readonly clause?: string
  readonly message: string
}

/** One connection, so that a server that is not there, or greets nobody, is told so once and at once, not case by case. */
export async function preflight<C extends Session>(suite: Suite<C>, target: Target): Promise<Obstacle | undefined> {
  try {
    const site = await target.open(DEFAULT_LIMITS)
    const client = suite.client('the first client', await site.connect())
    const obstacle = await notAdmitted(suite, target.name, client)
    client.end()
    await settlesWithin(LEAVE_MS, client.closed())
    client.destroy()
    await site.release(obstacle !== undefined).catch(() => {}) // How a server ends is judged by the cases of R4.3.
    return obstacle
  } catch (error) {
    if (error instanceof Unreachable) return { verdict: 'undecided', message: error.message }
    throw error
  }
}

async function notAdmitted<C extends Session>(
  { admission }: Suite<C>,
  target: string,
  client: C,
): Promise<Obstacle | undefined> {
  if (!admission) return undefined
  const { clause, what } = admission
  const blame = (message: string): Obstacle => ({ verdict: 'failed', clause, message })
  const admitted = admission.admitted(client)
  if (!(await settlesWithin(ADMITTED_MS, admitted))) {
    return blame(`${target} accepts connections, but sent no ${what} within ${ADMITTED_MS / 1000} s`)
  }
  try {
    if (await admitted) return undefined
    return blame(`${target} closes every connection (${client.ending}) without sending its ${what}`)
  } catch (error) {
    if (error instanceof Failed) return blame(error.message)
    throw error
  }
}
