import { DEFAULT_LIMITS, liveClock } from '@switchyard/core'
import type { Session } from '../session/session.ts'
import type { Suite } from '../suite.ts'
import { Failed } from '../failed.ts'
import { openUnlessAborted, Unreachable } from '../targets/target.ts'
import type { Site, Target } from '../targets/target.ts'
import { settlesWithin, wait } from '@switchyard/harness/portable'

/** How long a server may take to greet a client, ms: far more than any needs. */
const ADMITTED_MS = 2_500
/** How long it may take to close the connection again, ms. */
const LEAVE_MS = 500

/** So often it is looked, after a client has left, whether the server is at rest, each time for so long, ms. */
const LOOKS = 3
const LOOK_MS = 150
/** A server that has nothing to do and takes more than this share of the time, in each look, spins: the machine may be busy. */
const SPINS = 0.1

/** What the first clients of a server meet. */
export interface Preflight {
  /** Why no case needs to be run. */
  readonly obstacle?: Obstacle
  readonly findings: readonly string[]
  /** From a client's connecting to its greeting: the measure of how fast this server is, where it is. */
  readonly roundTripMs: number
}

export interface Obstacle {
  readonly verdict: 'failed' | 'undecided'
  readonly clause?: string
  readonly message: string
}

/**
 * A client comes and goes, and then another one, so that a server that is not there, or greets nobody, or nobody but the first, is
 * told so once and at once, not case by case.
 */
export async function preflight<C extends Session>(
  suite: Suite<C>,
  target: Target,
  signal?: AbortSignal,
): Promise<Preflight> {
  try {
    const site = await openUnlessAborted(target, DEFAULT_LIMITS, { signal })
    const { obstacle } = await visit(suite, target.name, site, 'the first client')
    const spins = !obstacle && (await isBusy(site))
    const second = obstacle ? undefined : await visitAgain(suite, target.name, site)
    const again = second !== undefined && !second.obstacle
    await site.release(!again).catch(() => {}) // How a server ends is judged by the cases.
    return {
      ...(obstacle && { obstacle }),
      findings: [...(obstacle || again ? [] : ['nobody-after-leaving']), ...(spins ? ['spins-after-fin'] : [])],
      roundTripMs: second?.ms ?? 0,
    }
  } catch (error) {
    if (error instanceof Unreachable) {
      return { obstacle: { verdict: 'undecided', message: error.message }, findings: [], roundTripMs: 0 }
    }
    throw error
  }
}

/** Nobody is connected, and it works: a look may be spoilt by what a server does when it begins, several are not. */
async function isBusy(site: Site): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    const before = site.cpuMicros?.() ?? null
    const start = liveClock.now()
    await wait(LOOK_MS)
    const after = site.cpuMicros?.() ?? null
    if (before === null || after === null) return false
    if ((after - before) / 1000 < SPINS * (liveClock.now() - start)) return false
  }
  return true
}

interface Visit {
  readonly obstacle?: Obstacle
  readonly ms: number
}

/** Undefined if nothing answers any more. */
async function visitAgain<C extends Session>(suite: Suite<C>, target: string, site: Site): Promise<Visit | undefined> {
  try {
    return await visit(suite, target, site, 'the second client')
  } catch (error) {
    if (error instanceof Unreachable) return undefined
    throw error
  }
}

async function visit<C extends Session>(suite: Suite<C>, target: string, site: Site, name: string): Promise<Visit> {
  const start = liveClock.now()
  const client = suite.client(name, await site.connect())
  const obstacle = await notAdmitted(suite, target, client)
  const ms = liveClock.now() - start
  client.end()
  await settlesWithin(LEAVE_MS, client.closed())
  client.destroy()
  return { ...(obstacle && { obstacle }), ms }
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
