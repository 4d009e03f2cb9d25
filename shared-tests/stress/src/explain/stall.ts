/**
 * What one client that does not read does to a server, seen by its clients; and by a look inside, where there is one.
 *
 * Before     Two pairs that have nothing to do with it exchange messages for a while.
 * Stall      A client stops reading, and two others send to it until nobody takes anything more.
 * Looks      Two, a while apart: what moved between them, who waits for whom, who is owed what.
 * After      It reads again: was it that, and nothing else?
 */
import { liveClock } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { describeStandstill, standstillOf } from '@switchyard/conformance'
import type { Look, Site, Standstill } from '@switchyard/conformance'
import type { Debt } from './debts.ts'
import { pause, Scene } from './scene.ts'

/** How long the pairs are watched, before and during the stall, ms. */
const WATCH_MS = 500
const LOOK_MS = 50
/**
 * The stall stands when so many looks in a row have seen nothing taken from the senders; or, if nothing else moved either, so
 * many more: a server in another process may just have had no time to run.
 */
const QUIET_LOOKS = 8
const STILL_LOOKS = 20
/** A stall that does not stand by then never will, ms. */
const STAND_MS = 12_000
/** Nothing more comes when so many looks in a row have seen nothing come. */
const PAID_LOOKS = 20
/** What must be left of the pairs' messages for them to go on. */
const GOES_ON_MIN = 0.25

/** `stuck`: the pairs stand still; `slow`: little is left of them; `goes-on`: they are not concerned. */
export type Progress = 'stuck' | 'slow' | 'goes-on'

/** Plain data: fit for JSON. */
export interface Stall {
  readonly stalled: ClientId
  readonly senders: readonly ClientId[]
  readonly takenBytes: number
  /** Whether the senders were held in the end; a server that takes everything has no bound. */
  readonly held: boolean
  /** Messages that the unrelated pairs received in equal times. */
  readonly before: number
  readonly during: number
  readonly watchedMs: number
  readonly progress: Progress
  readonly owed: readonly Owed[]
  /** Absent for a server into which nobody can look. */
  readonly inside?: Inside
  readonly after: After
  /** Clients whose connection the server ended meanwhile. */
  readonly ended: readonly ClientId[]
}

export interface Owed extends Pick<Debt, 'to' | 'from' | 'messages'> {
  readonly forMs: number
}

export interface Inside {
  /** One line for each chain of waits, deadlocks first. */
  readonly waits: readonly string[]
  readonly standstill: Standstill
  readonly sentence: string
  /** At the second look. */
  readonly heldBytes: number
}

/** When everybody read again: whether everything came, and within which time; or what is owed for good. */
export type After =
  | { readonly state: 'paid'; readonly afterMs: number }
  | { readonly state: 'owed'; readonly owed: readonly Owed[]; readonly waits: readonly string[] }

/** The scenario could not be played to its end, for nobody's stalling. The message says why. */
export class NotPlayed extends Error {
  readonly code = 'not-played'
}

/** Plays the scenario. Rejects with Unreachable, Failed or NotPlayed. */
export async function stall(site: Site, show: (text: string) => void): Promise<Stall> {
  using scene = await Scene.on(site)
  scene.begin()
  show('Watching two pairs of clients')
  const before = await watch(scene)
  everybodyIsThere(scene)
  if (before === 0) throw new NotPlayed(`between two pairs of clients no message came within ${WATCH_MS} ms`)
  show('A client stops reading')
  scene.stall()
  const held = await quiet(scene)
  const stoodAt = liveClock.now()
  const first = site.look?.()
  const during = await watch(scene)
  const second = site.look?.()
  everybodyIsThere(scene)
  const owed = owedBy(scene, stoodAt)
  show('It reads again')
  const begun = liveClock.now()
  scene.relent()
  const paidAt = await paid(scene)
  const rest = owedBy(scene, begun)
  return {
    stalled: scene.stalled.id,
    senders: scene.eager.map(({ id }) => id),
    takenBytes: scene.takenBytes,
    held,
    before,
    during,
    watchedMs: WATCH_MS,
    progress: during === 0 ? 'stuck' : during < before * GOES_ON_MIN ? 'slow' : 'goes-on',
    owed,
    ...(first && second && { inside: insideOf(first, second) }),
    after:
      rest.length === 0
        ? { state: 'paid', afterMs: Math.max(0, paidAt - begun) }
        : { state: 'owed', owed: rest, waits: linesOf(site.look?.()) },
    ended: scene.ended.map(({ id }) => id),
  }
}

function insideOf(first: Look, second: Look): Inside {
  const standstill = standstillOf(first, second)
  return {
    waits: linesOf(second),
    standstill,
    sentence: describeStandstill(standstill),
    heldBytes: second.owedBytes,
  }
}

/** Each once: steps of one client that run beside each other wait alike. */
function linesOf(look: Look | undefined): readonly string[] {
  return [...new Set(look?.waits.split('\n'))]
}

/** But for the stalled one: a write deadline may end that. */
function everybodyIsThere({ ended, stalled }: Scene): void {
  const gone = ended.filter((client) => client !== stalled).map(({ name, ending }) => `${name} (${ending})`)
  if (gone.length > 0) throw new NotPlayed(`the server ended the connection of ${gone.join(', ')}`)
}

/** How many messages the unrelated pairs receive in a while. */
async function watch(scene: Scene): Promise<number> {
  const received = scene.debts.paid
  await pause(WATCH_MS)
  return scene.debts.paid - received
}

/** Whether the senders came to be held. Looks are counted, not time: a process that did not run could not have moved anything. */
async function quiet(scene: Scene): Promise<boolean> {
  const begun = liveClock.now()
  let taken = -1
  let arrived = 0
  for (let looks = 0; looks < (scene.debts.paid > arrived ? QUIET_LOOKS : STILL_LOOKS); looks++) {
    if (scene.offeredAll || liveClock.now() - begun > STAND_MS) return false
    if (scene.takenBytes !== taken) {
      looks = 0
      arrived = scene.debts.paid
    }
    taken = scene.takenBytes
    await pause(LOOK_MS)
  }
  return !scene.offeredAll
}

/** Settles when nothing is owed, or nothing comes any more; answers with when the last message came. */
async function paid(scene: Scene): Promise<number> {
  let received = scene.debts.paid
  let at = liveClock.now()
  for (let looks = 0; looks < PAID_LOOKS && scene.debts.standing().length > 0; looks++) {
    await pause(LOOK_MS)
    if (scene.debts.paid === received) continue
    received = scene.debts.paid
    at = liveClock.now()
    looks = 0
  }
  return at
}

/** What was owed at `untilMs` already and still is: whatever is younger may just be on its way. */
function owedBy({ debts }: Scene, untilMs: number): Owed[] {
  const now = liveClock.now()
  return debts.standing(untilMs).map(({ sinceMs, ...debt }) => ({ ...debt, forMs: now - sinceMs }))
}
