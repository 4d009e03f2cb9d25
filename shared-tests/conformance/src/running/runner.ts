import { limitsOf, liveClock } from '@switchyard/core'
import { describeStandstill, standstillOf } from '../standstill.ts'
import type { Look } from '../standstill.ts'
import type { Case } from '../case.ts'
import type { Session } from '../session/session.ts'
import { clauseOf } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { Context } from './context.ts'
import { preflight } from './preflight.ts'
import { Failed } from '../failed.ts'
import { Patience } from './patience.ts'
import { repeated } from './repeated.ts'
import { conclude } from './report.ts'
import type { CaseResult, Report, Verdict } from './report.ts'
import { Unreachable } from '../targets/target.ts'
import type { Site, Target } from '../targets/target.ts'
import type { WireEvent } from '../session/wire-log.ts'

/** `basic`: what servers keep that promise no more than to route. */
export type Profile = 'full' | 'basic'

export interface VerifyOptions<C extends Session = Session> {
  /** Default: all of the suite's. */
  readonly cases?: readonly Case<C>[]
  readonly profile?: Profile
  /** Called with each result as it comes. */
  readonly onProgress?: (result: CaseResult, done: number, total: number) => void
  /** Ends the run early; what was not run says so. */
  readonly signal?: AbortSignal
  /** How many cases at a time, each against a server of its own. Default 1; more only for targets in this process. */
  readonly concurrency?: number
  /** How long a case may stand still before it has failed, ms; less once several have. */
  readonly stillMs?: number
  /** How often each case is run. Default 1. */
  readonly repeat?: number
  /** Of the cases' random numbers. */
  readonly seed?: number
}

/** A case in which nothing has moved for so long will not end. */
const STILL_MS = 5_000
/** How often a case is looked at in that time. */
const LOOKS = 20
/** A case may move all the time, and never end. */
export const ENDLESS_MS: number = 60_000
const SEED = 1

/** Judges a target. Rejects only for misuse (TypeError): every fault of a server is a verdict. */
export async function verify<C extends Session>(
  suite: Suite<C>,
  target: Target,
  options: VerifyOptions<C> = {},
): Promise<Report> {
  const { profile = 'full', concurrency = 1, stillMs = STILL_MS, onProgress, signal } = options
  const fails = (target.fails ?? []).map((id) => clauseOf(suite, id).id)
  const cases = casesOf(options.cases ?? suite.cases, profile)
  const results: CaseResult[] = []
  const push = (result: CaseResult): void => {
    results.push(result)
    onProgress?.(result, results.length, cases.length)
  }

  const obstacle = await preflight(suite, target)
  if (obstacle) {
    const { verdict, clause, message } = obstacle
    for (const each of cases) {
      const blamed = verdict === 'undecided' || each === cases.find((candidate) => candidate.clause === clause)
      push(blamed ? resultOf(each, verdict, message) : resultOf(each, 'not-run', `not run: ${message}`))
    }
    return {
      suite,
      target: target.name,
      overall: verdict,
      summary: message,
      results,
      unexpectedPasses: [],
      findings: [],
    }
  }

  const waiting = [...cases]
  const patience = new Patience(stillMs)
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (signal?.aborted) push(resultOf(next, 'not-run', 'not run: the run was ended'))
      else if (patience.over) push(resultOf(next, 'not-run', `not run: ${patience.over}`))
      else push(patience.learn(declared(await runRepeatedly(suite, target, next, options, patience), fails)))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  results.sort((a, b) => orderOf(cases, a) - orderOf(cases, b))
  const findings = (await suite.examine?.(target, results)) ?? []
  return conclude(suite, target.name, results, { unexpectedPasses: unexpectedPasses(results, fails), findings })
}

/** Those that a profile includes, in order. */
export function casesOf<C extends Session>(cases: readonly Case<C>[], profile: Profile = 'full'): readonly Case<C>[] {
  return profile === 'basic' ? cases.filter((each) => each.basic) : cases
}

/** What a target would have to offer, as a report says it; undefined where it offers all of it. */
export function missingFor(each: Pick<Case, 'needs'>, target: Target): string | undefined {
  const missing = each.needs.filter((need) => !target.offers.includes(need))
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined
}

async function runRepeatedly<C extends Session>(
  suite: Suite<C>,
  target: Target,
  each: Case<C>,
  { repeat = 1, ...options }: VerifyOptions<C>,
  { stillMs }: Patience,
): Promise<CaseResult> {
  const first = await runCase(suite, target, each, { ...options, stillMs })
  const runs = [first]
  const times = first.verdict === 'passed' || first.verdict === 'failed' ? repeat : 1
  while (runs.length < times && !options.signal?.aborted) {
    runs.push(await runCase(suite, target, each, { ...options, stillMs }))
  }
  return repeated(first, runs)
}

/** Runs one case, alone. Never rejects. */
export async function runCase<C extends Session>(
  suite: Suite<C>,
  target: Target,
  each: Case<C>,
  { stillMs = STILL_MS, seed = SEED, signal }: Pick<VerifyOptions, 'stillMs' | 'seed' | 'signal'> = {},
): Promise<CaseResult> {
  const missing = missingFor(each, target)
  if (missing !== undefined) return resultOf(each, 'not-applicable', missing)
  const start = liveClock.now()
  const ms = (): number => Math.round(liveClock.now() - start)
  const limits = limitsOf(each.limits)
  let site: Site
  try {
    site = await target.open(limits, each)
  } catch (error) {
    return resultOf(each, error instanceof Unreachable ? 'undecided' : 'failed', describe(error), ms())
  }
  const context = new Context(suite, target, site, limits, seed)
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
  try {
    await site.release(failure !== undefined)
  } catch (error) {
    failure ??= error
  }
  if (failure === undefined) return resultOf(each, 'passed', '', ms(), wire)
  if (signal?.aborted) return resultOf(each, 'not-run', 'not run to its end: the run was ended', ms())
  const undecided = failure instanceof Unreachable && context.connections === 0
  const message = [describe(failure), context.replay(), account].filter((part) => part !== '').join('\n')
  return resultOf(each, undecided ? 'undecided' : 'failed', message, ms(), wire)
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
    let progress = context.progress()
    let seen = context.look()
    // Looks are counted, not milliseconds: a process that got no time to run could not have moved anything.
    let looksWithoutMove = 0
    const give = (why: string): void => {
      settle()
      const lines = [why, context.awaiting(), standstill(seen, context.look())]
      reject(new Failed(lines.filter((line) => line !== '').join('\n')))
    }
    const look = (): void => {
      const current = context.progress()
      looksWithoutMove = current === progress ? looksWithoutMove + 1 : 0
      progress = current
      if (looksWithoutMove === 1) seen = context.look()
      if (looksWithoutMove >= LOOKS) return give(`nothing has moved for ${stillMs} ms`)
      if (liveClock.now() - start >= ENDLESS_MS) return give(`no end after ${ENDLESS_MS} ms`)
      cancel = liveClock.after(stillMs / LOOKS, look)
    }
    const aborted = (): void => give('the run was ended')
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

function declared(given: CaseResult, fails: readonly string[]): CaseResult {
  const expected = given.verdict === 'failed' && fails.includes(given.clause)
  return expected ? { ...given, verdict: 'failed-as-declared' } : given
}

/** Declared failures of which nothing failed. */
function unexpectedPasses(results: readonly CaseResult[], fails: readonly string[]): string[] {
  return fails.filter((clause) => {
    const judged = results.filter((each) => each.clause === clause && each.verdict !== 'not-applicable')
    return judged.length > 0 && judged.every((each) => each.verdict === 'passed')
  })
}

function orderOf(cases: readonly Pick<Case, 'id'>[], given: CaseResult): number {
  return cases.findIndex((each) => each.id === given.case)
}

function resultOf(
  each: Pick<Case, 'id' | 'clause' | 'name'>,
  verdict: Verdict,
  message: string,
  ms = 0,
  wire: readonly WireEvent[] = [],
): CaseResult {
  return { clause: each.clause, case: each.id, name: each.name, verdict, message, ms, wire }
}

/** A failed expectation speaks for itself; anything else is a fault of the suite's or of a server in this process. */
function describe(error: unknown): string {
  if (error instanceof Failed || error instanceof Unreachable) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
