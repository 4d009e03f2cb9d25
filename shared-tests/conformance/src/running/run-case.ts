import { limitsOf, liveClock } from '@switchyard/core'
import type { Case } from '../case.ts'
import { Failed } from '../failed.ts'
import type { Failure, FailureCode } from '../failed.ts'
import type { Session } from '../session/session.ts'
import type { WireEvent } from '../session/wire-log.ts'
import { describeStandstill, standstillOf } from '../standstill.ts'
import type { Look } from '../standstill.ts'
import type { Suite } from '../suite.ts'
import { openUnlessAborted, Unreachable } from '../targets/target.ts'
import type { Site, Target } from '../targets/target.ts'
import { Context } from './context.ts'
import type { VerifyOptions } from './options.ts'
import { STILL_MS } from './patience.ts'
import type { CaseResult, Verdict } from './report.ts'

/** How often a case is looked at in the time in which it may stand still. */
const LOOKS = 20
/** A case may move all the time, and never end. */
export const ENDLESS_MS: number = 20_000
/** The same, as so many times as long as one may stand still. */
const ENDLESS = 16
const SEED = 1

/** What a target would have to offer, as a report says it; undefined where it offers all of it. */
export function missingFor(each: Pick<Case, 'needs'>, target: Target): string | undefined {
  const missing = each.needs.filter((need) => !target.offers.includes(need))
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined
}

export interface CaseOptions extends Pick<VerifyOptions, 'stillMs' | 'seed' | 'signal'> {
  /** A server of this target has answered before: one that does not now has failed. */
  readonly reached?: boolean
}

/** Runs one case, alone. Never rejects. */
export async function runCase<C extends Session>(
  suite: Suite<C>,
  target: Target,
  each: Case<C>,
  { stillMs = STILL_MS, seed = SEED, signal, reached = false }: CaseOptions = {},
): Promise<CaseResult> {
  const missing = missingFor(each, target)
  if (missing !== undefined) return resultOf(each, 'not-applicable', missing)
  const start = liveClock.now()
  const ms = (): number => Math.round(liveClock.now() - start)
  const limits = limitsOf(each.limits)
  let site: Site
  try {
    site = await openUnlessAborted(target, limits, { forCase: each, signal })
  } catch (error) {
    if (signal?.aborted) return resultOf(each, 'not-run', 'not run: the run was ended', ms())
    const failed = { ...resultOf(each, 'failed', describe(error), ms()), failure: failureOf(error) }
    if (!(error instanceof Unreachable)) return failed
    // It has served before: that it does not now is its own doing.
    return reached ? { ...failed, failure: failureOf(error, true) } : resultOf(each, 'undecided', describe(error), ms())
  }
  // A server of which only the outside is known may be waited for no longer for one thing than for another.
  const patienceMs = target.offers.includes('statistics') ? site.patienceMs : stillMs
  const context = new Context(suite, target, site, limits, seed, patienceMs)
  let failure: unknown
  let wire: readonly WireEvent[] = []
  try {
    await watched(each, context, stillMs, signal)
    wire = context.wire()
    await context.leave()
  } catch (error) {
    failure = error
    wire = context.wire()
    context.destroy()
  }
  const account = failure === undefined ? '' : await site.account()
  const exited = failure !== undefined && site.ended?.() === true
  try {
    await site.release(failure !== undefined)
  } catch (error) {
    failure ??= error
  }
  if (failure === undefined) return resultOf(each, 'passed', '', ms(), wire)
  if (signal?.aborted) return resultOf(each, 'not-run', 'not run to its end: the run was ended', ms())
  // It did answer when the run began: if it does not now, it has ended.
  const gone = failure instanceof Unreachable && (reached || exited)
  const undecided = failure instanceof Unreachable && context.connections === 0 && !gone
  const message = [describe(failure), context.replay(), account].filter((part) => part !== '').join('\n')
  if (undecided) return resultOf(each, 'undecided', message, ms(), wire)
  return {
    ...resultOf(each, 'failed', message, ms(), wire),
    failure: failureOf(failure, exited || gone),
    lastWords: account,
  }
}

/** Runs the case until it ends, or nothing has moved for too long. */
function watched<C extends Session>(
  each: Case<C>,
  context: Context<C>,
  stillMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const start = liveClock.now()
    const endlessMs = Math.min(ENDLESS_MS, ENDLESS * stillMs)
    let progress = context.progress()
    let seen = context.look()
    // Looks are counted, not milliseconds: a process that got no time to run could not have moved anything.
    let looksWithoutMove = 0
    const give = (code: FailureCode, why: string): void => {
      settle()
      const { text, awaits, late } = context.awaiting()
      const lines = [why, text, standstill(seen, context.look())]
      reject(new Failed(lines.filter((line) => line !== '').join('\n'), { code: late ?? code, awaits }))
    }
    const look = (): void => {
      const current = context.progress()
      looksWithoutMove = current === progress ? looksWithoutMove + 1 : 0
      progress = current
      if (looksWithoutMove === 1) seen = context.look()
      if (looksWithoutMove >= LOOKS) return give('still', `nothing has moved for ${stillMs} ms`)
      if (liveClock.now() - start >= endlessMs) return give('endless', `no end after ${endlessMs} ms`)
      cancel = liveClock.after(stillMs / LOOKS, look)
    }
    const aborted = (): void => give('unexpected', 'the run was ended')
    let cancel = liveClock.after(stillMs / LOOKS, look)
    const settle = (): void => {
      cancel()
      signal?.removeEventListener('abort', aborted)
    }
    signal?.addEventListener('abort', aborted)
    each.run(context).finally(settle).then(resolve, reject)
  })
}

/** Whether the server is stuck or only slow; empty where nobody can look into it. Who waits for whom its account says. */
function standstill(before: Look | undefined, now: Look | undefined): string {
  return before && now ? `  server: ${describeStandstill(standstillOf(before, now))}` : ''
}

/** A result of a case that was not run to its end, or of which there is nothing more to tell. */
export function resultOf(
  each: Pick<Case, 'id' | 'clause' | 'name'>,
  verdict: Verdict,
  message: string,
  ms = 0,
  wire: readonly WireEvent[] = [],
): CaseResult {
  return { clause: each.clause, case: each.id, name: each.name, verdict, message, ms, wire }
}

function failureOf(error: unknown, exited = false): Failure {
  const failure: Failure = error instanceof Failed ? error.failure : { code: 'unexpected' }
  return exited ? { ...failure, exited } : failure
}

/** A failed expectation speaks for itself; anything else is a fault of the suite's or of a server in this process. */
function describe(error: unknown): string {
  if (error instanceof Failed || error instanceof Unreachable) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
