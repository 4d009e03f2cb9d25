import type { Guarantee } from '@switchyard/core'
import type { Dialect } from '@switchyard/harness'
import { attempt, ATTEMPTS_MAX } from './attempt.ts'
import type { Finding, Findings, Verdict } from './finding.ts'
import type { Scene } from './scene.ts'
import { allToAll } from './scenes/all-to-all.ts'
import { burst } from './scenes/burst.ts'
import { flooder } from './scenes/flooder.ts'
import { fullPeer } from './scenes/full-peer.ts'
import { idle } from './scenes/idle.ts'
import { groupsCommits } from './scenes/groups-commits.ts'
import { keepsTime } from './scenes/keeps-time.ts'
import { laggingMember } from './scenes/lagging-member.ts'
import { manyStalled } from './scenes/many-stalled.ts'
import { stalledReaders } from './scenes/stalled-readers.ts'
import type { Subject } from './subject.ts'

/** Every guarantee is shown by exactly one. */
export const SCENES: readonly Scene[] = [
  allToAll,
  stalledReaders,
  flooder,
  idle,
  burst,
  manyStalled,
  laggingMember,
  keepsTime,
  groupsCommits,
  fullPeer,
]

/** One subject, one guarantee. Plain data: fit for JSON. */
export interface Cell {
  readonly subject: string
  readonly guarantee: Guarantee
  /** Null: it declares nothing. */
  readonly declared: boolean | null
  readonly verdict: Verdict
  /** Whether it is as declared: a promise that holds, or a price that is paid. Where nothing is declared, whether it was judged and nothing is wrong. */
  readonly ok: boolean
  /** A sentence. */
  readonly why: string
  /** A few characters, for a table. */
  readonly figure: string
  /** All but the last one were undecided. */
  readonly attempts: readonly Finding[]
}

export interface MeasureOptions {
  /** Ends the measurement: it rejects with the signal's reason, and no process is left. */
  readonly signal?: AbortSignal
}

/** Plays the scene that shows `guarantee`, on a server of its own. Rejects only if `signal` is aborted. */
export async function measureGuarantee(
  subject: Subject,
  guarantee: Guarantee,
  options: MeasureOptions = {},
): Promise<Cell> {
  const scene = SCENES.find(({ shows }) => shows.includes(guarantee))
  if (!scene) throw new RangeError(`no scene shows ${guarantee}`)
  const [cell] = await measureScene(subject, scene, [guarantee], options)
  return cell!
}

/** All of `guarantees` that one scene shows: it is played once, and again as long as one of them is undecided. */
export async function measureScene(
  subject: Subject,
  scene: Scene,
  guarantees: readonly Guarantee[],
  { signal }: MeasureOptions = {},
): Promise<readonly Cell[]> {
  const shown = new Map<Guarantee, Finding[]>(guarantees.filter((id) => scene.shows.includes(id)).map((id) => [id, []]))
  for (let attempts = 0; attempts < ATTEMPTS_MAX; attempts++) {
    const open = [...shown].filter(([, findings]) => (findings.at(-1)?.verdict ?? 'undecided') === 'undecided')
    if (open.length === 0) break
    const found = await attempt(
      subject,
      signal,
      (start) => scene.play(start),
      (finding) => everywhere(scene, finding),
    )
    for (const [id, findings] of open) if (found[id]) findings.push(found[id])
  }
  return [...shown].map(([id, findings]) => cellOf(subject, id, findings))
}

/** Strict both ways: a promise that does not hold is wrong, and so is a price that is not paid. Who declares nothing can't be wrong. */
export function cellOf(subject: Subject, guarantee: Guarantee, attempts: readonly Finding[]): Cell {
  const last = attempts.at(-1)
  if (!last) throw new RangeError(`${guarantee} was not measured`)
  const declared = 'guarantees' in subject ? (subject.guarantees[guarantee] ?? null) : null
  const { verdict, figure, why } = last
  const ok = asDeclared(guarantee, declared, verdict)
  return { subject: subject.name, guarantee, declared, verdict, ok, why, figure, attempts }
}

function asDeclared(guarantee: Guarantee, declared: boolean | null, verdict: Verdict): boolean {
  // G1 is nobody's to give up: R3.4 binds every server.
  if (declared === null) {
    return verdict === 'holds' || verdict === 'not-applicable' || (verdict === 'price-paid' && guarantee !== 'G1')
  }
  return verdict === (declared ? 'holds' : 'price-paid')
}

function everywhere(scene: Scene, finding: Finding): Findings {
  return Object.fromEntries(scene.shows.map((id) => [id, finding]))
}

/** Those that clients of this dialect can show. */
export function shownBy(dialect: Dialect): readonly Guarantee[] {
  return SCENES.filter(({ speaks }) => dialect[speaks]).flatMap(({ shows }) => shows)
}
