import { diagnose } from '../diagnosis/diagnosis.ts'
import type { Sign } from '../diagnosis/cause.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { FailureCode } from '../failed.ts'
import type { Case } from '../case.ts'
import type { Session } from '../session/session.ts'
import type { Suite } from '../suite.ts'
import type { Target } from '../targets/target.ts'
import { Patience, STILL_MS, stillMsFor } from './patience.ts'
import { repeated } from './repeated.ts'
import type { CaseResult } from './report.ts'
import type { VerifyOptions } from './options.ts'
import { resultOf, runCase } from './run-case.ts'

/** What a slow server, or a busy machine, can bring about too. */
const OF_TIME: readonly FailureCode[] = ['still', 'endless', 'late', 'strangers-wait', 'sender-waits', 'no-place']
const CLOSED = 'not run: another case of this clause has failed already, of a cause that is known'
/** So often a run looks whether patience has changed what is known. */
const ROUNDS = 3

interface Known {
  /** From the preflight. */
  readonly findings: readonly string[]
  readonly roundTripMs: number
  readonly fails: readonly string[]
}

/**
 * One run over the cases of a suite, in order. For a server outside of this process nothing is waited for longer than its own
 * round trip makes likely, and then the first failure of each cause is repeated with patience.
 */
export class Judging<C extends Session> {
  readonly #suite: Suite<C>
  readonly #target: Target
  readonly #cases: readonly Case<C>[]
  readonly #options: VerifyOptions<C>
  readonly #fails: readonly string[]
  readonly #findings: string[]
  readonly #results = new Map<string, CaseResult>()
  readonly #patience: Patience
  readonly #stillMs: number
  readonly #foreign: boolean
  /** Named by signs of causes: once these were run, no better cause than the first one is to be expected. */
  readonly #telling: ReadonlySet<string>
  #diagnoses: readonly Diagnosis[] | undefined

  constructor(
    suite: Suite<C>,
    target: Target,
    cases: readonly Case<C>[],
    options: VerifyOptions<C>,
    { findings, roundTripMs, fails }: Known,
  ) {
    this.#suite = suite
    this.#target = target
    this.#cases = cases
    this.#options = options
    this.#fails = fails
    this.#findings = [...findings]
    this.#telling = new Set((suite.causes ?? []).flatMap(({ signs }) => signs.flat().flatMap(casesIn)))
    this.#foreign = !target.offers.includes('statistics')
    this.#stillMs = options.stillMs ?? (this.#foreign ? stillMsFor(roundTripMs) : STILL_MS)
    this.#patience = new Patience(this.#stillMs)
  }

  async run(): Promise<{ readonly results: readonly CaseResult[]; readonly findings: readonly string[] }> {
    const others = this.#options.brief ? this.#cases.filter(({ id }) => !this.#telling.has(id)) : []
    await this.#judge(this.#cases.filter((each) => !others.includes(each)))
    await this.#examine()
    await this.#judge(others)
    if (this.#options.stillMs === undefined && this.#stillMs < STILL_MS) await this.#judgePatiently()
    await this.#judge(others.filter(({ id }) => this.#results.get(id)?.message === CLOSED))
    const results = this.#cases.flatMap(({ id }) => this.#results.get(id) ?? [])
    return { results, findings: [...this.#findings, ...(this.#target.findings?.() ?? [])] }
  }

  async #examine(): Promise<void> {
    if (this.#options.signal?.aborted) return
    this.#findings.push(...((await this.#suite.examine?.(this.#target, [...this.#results.values()])) ?? []))
    this.#diagnoses = undefined
  }

  async #judge(cases: readonly Case<C>[], stillMs?: number): Promise<void> {
    const { concurrency = this.#target.atOnce ?? 1, signal } = this.#options
    const waiting = [...cases]
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const known = this.#results.get(next.id)
        const again = known !== undefined
        if (signal?.aborted && again) continue
        if (signal?.aborted) this.#push(resultOf(next, 'not-run', 'not run: the run was ended'))
        else if ((!again || known.message === CLOSED) && this.#isClosed(next))
          this.#push(resultOf(next, 'not-run', CLOSED))
        else if (this.#patience.over && !again) this.#push(resultOf(next, 'not-run', `not run: ${this.#patience.over}`))
        else this.#push(this.#patience.learn(await this.#runRepeatedly(next, stillMs)))
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }

  /** Another case of its clause has failed, and all that have of one known cause: one more would say nothing new. */
  #isClosed({ id, clause }: Case<C>): boolean {
    if (!this.#options.brief || this.#telling.has(id)) return false
    const ofClause = this.#known().filter(({ failures }) => failures.some((failure) => failure.clause === clause))
    return ofClause.length === 1 && ofClause[0]?.cause !== undefined
  }

  async #runRepeatedly(each: Case<C>, stillMs = this.#patience.stillMs): Promise<CaseResult> {
    const { repeat = 1, signal } = this.#options
    const once = (): Promise<CaseResult> =>
      runCase(this.#suite, this.#target, each, { ...this.#options, stillMs, reached: this.#foreign })
    const first = await once()
    const runs = [first]
    const times = first.verdict === 'passed' || first.verdict === 'failed' ? repeat : 1
    for (let run = 1; run < times; run++) if (!signal?.aborted) runs.push(await once())
    const result = repeated(first, runs)
    const expected = result.verdict === 'failed' && this.#fails.includes(result.clause)
    return expected ? { ...result, verdict: 'failed-as-declared' } : result
  }

  #push(result: CaseResult): void {
    this.#results.set(result.case, result)
    if (result.verdict !== 'passed') this.#diagnoses = undefined
    this.#options.onProgress?.(result, this.#results.size, this.#cases.length)
  }

  #known(): readonly Diagnosis[] {
    const results = this.#cases.flatMap(({ id }) => this.#results.get(id) ?? [])
    return (this.#diagnoses ??= diagnose({ results, findings: this.#findings }, this.#suite.causes ?? []))
  }

  // With patience ------------------------------------------------------------------------------------------------------

  /** Repeats the first failure of each cause, if it is one of time; where it passes, all of that cause. */
  async #judgePatiently(): Promise<void> {
    const patient = new Set<string>()
    for (let round = 0; round < ROUNDS && !this.#options.signal?.aborted; round++) {
      const impatient = this.#known().map(({ failures }) => failures.filter((each) => isOfTime(each, patient)))
      const again = impatient.flatMap(([first]) => first ?? [])
      const passed = new Set(await this.#repeat(again, patient))
      const doubtful = impatient.filter(([first]) => first && passed.has(first.case)).flatMap((each) => each.slice(1))
      await this.#repeat(doubtful, patient)
      if (passed.size === 0) return
    }
  }

  /** Returns those that pass now. */
  async #repeat(results: readonly CaseResult[], patient: Set<string>): Promise<readonly string[]> {
    const cases = this.#cases.filter(({ id }) => results.some((result) => result.case === id))
    for (const { id } of cases) patient.add(id)
    await this.#judge(cases, STILL_MS)
    const passed = cases.filter(({ id }) => this.#results.get(id)?.verdict === 'passed').map(({ id }) => id)
    return passed
  }
}

function casesIn(sign: Sign): readonly string[] {
  switch (sign.kind) {
    case 'passes':
      return [sign.case]
    case 'fails':
      return sign.cases ?? []
    case 'found':
    case 'last-words':
      return []
  }
}

function isOfTime({ case: id, failure }: CaseResult, patient: ReadonlySet<string>): boolean {
  return failure !== undefined && OF_TIME.includes(failure.code) && !patient.has(id)
}
