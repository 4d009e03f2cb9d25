import { DEFAULT_LIMITS } from '@switchyard/core'
import type { ClauseId } from '../clauses.ts'
import { Client } from '../client/client.ts'
import { Failed } from '../failed.ts'
import { Unreachable } from '../targets/target.ts'
import type { Target } from '../targets/target.ts'
import { settlesWithin } from '../targets/waiting.ts'

/** How long a server may take to send the first id, ms: far more than any needs. */
const ID_MS = 2_500
/** How long it may take to close the connection again, ms. */
const LEAVE_MS = 500

/** Why no case needs to be run. */
export interface Obstacle {
  readonly verdict: 'failed' | 'undecided'
  readonly clause?: ClauseId
  readonly message: string
}

/** One connection, so that a server that is not there, or sends no ids, is told so once and at once, not case by case. */
export async function preflight(target: Target): Promise<Obstacle | undefined> {
  try {
    const site = await target.open(DEFAULT_LIMITS)
    const client = new Client('the first client', await site.connect())
    const obstacle = await withoutId(target.name, client)
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

async function withoutId(target: string, client: Client): Promise<Obstacle | undefined> {
  const admitted = client.admitted()
  if (!(await settlesWithin(ID_MS, admitted))) {
    return blame(`${target} accepts connections, but sent no id within ${ID_MS / 1000} s`)
  }
  try {
    if (await admitted) return undefined
    return blame(`${target} closes every connection (${client.ending}) without sending an id`)
  } catch (error) {
    if (error instanceof Failed) return blame(error.message)
    throw error
  }
}

function blame(message: string): Obstacle {
  return { verdict: 'failed', clause: 'R1.2', message }
}
