import { LIMIT_NAMES } from '@switchyard/core'
import type { Schedule } from './choices.ts'
import { ACTORS_PER_CLIENT, actorOf } from './candidates.ts'
import type { Speech } from './speech.ts'
import type { Move, World } from './world.ts'

/** Enough for the shortest message and the id, so that a small buffer alone changes nothing of what can be said. */
const BUFFER_BYTES_MIN = 8

/** What shrinking tries, everywhere with large pieces before small ones (delta debugging). */

export interface SmallerWorld<Say> {
  readonly world: World<Say>
  /** The actor of the larger world by its number in this one; undefined if it is gone. */
  readonly actorNow: (actor: number) => number | undefined
}

/** Every world with something taken away, down to any one thing: a client, moves, what is said, bytes of buffers, a limit, what else. */
export function* smallerWorlds<Say>(world: World<Say>, speech: Speech<Say>): Iterable<SmallerWorld<Say>> {
  for (let client = world.clients.length - 1; client >= 0; client--) yield* withoutClient(world, speech, client)
  const others = [
    ...withFewerMoves(world),
    ...withPlainerWords(world, speech),
    ...withSmallerBuffers(world),
    ...plainer(world),
  ]
  for (const smaller of others) {
    yield { world: smaller, actorNow: (actor) => actor }
  }
}

/** Every schedule with some answers taken away or made 0, down to any one. */
export function* smallerSchedules(schedule: Schedule): Iterable<Schedule> {
  for (const { start, end } of pieces(schedule.length)) {
    const [before, piece, after] = [schedule.slice(0, start), schedule.slice(start, end), schedule.slice(end)]
    yield [...before, ...after]
    if (piece.some((answer) => answer > 0)) yield [...before, ...piece.map(() => 0), ...after]
  }
}

/** Every schedule of so many questions with one answer that is not 0: often that is enough, and no removal leads there. */
export function* singleDepartures(questions: number, answerMax: number): Iterable<Schedule> {
  for (let at = 0; at < questions; at++) {
    for (let answer = 1; answer <= answerMax; answer++) yield [...Array.from({ length: at }, () => 0), answer]
  }
}

/** Every list with some elements taken away, down to any one. */
export function* without<T>(list: readonly T[]): Iterable<readonly T[]> {
  for (const { start, end } of pieces(list.length)) yield [...list.slice(0, start), ...list.slice(end)]
}

/** All, both halves, four quarters, down to every one by itself; the later first, because less follows from it. */
function* pieces(length: number): Iterable<{ readonly start: number; readonly end: number }> {
  for (let size = length; size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = length; end > 0; end -= size) yield { start: Math.max(0, end - size), end }
  }
}

/**
 * A client goes, and those behind it move up. What named it goes with it, or else names one of the others, each in turn; what
 * it said goes with it, or else is said by one of the others, before or after its own.
 */
function* withoutClient<Say>(world: World<Say>, speech: Speech<Say>, gone: number): Iterable<SmallerWorld<Say>> {
  const first = actorOf(gone, 'script')
  const behind = first + ACTORS_PER_CLIENT
  const actorNow = (actor: number): number | undefined => {
    if (actor < first) return actor
    return actor < behind ? undefined : actor - ACTORS_PER_CLIENT
  }
  const scripts = world.clients.filter((_, client) => client !== gone)
  const own = world.clients[gone]?.filter((move) => move.kind === 'say' && (speech.movable?.(move.say) ?? true)) ?? []
  const named = world.clients.some((moves) => moves.some((move) => renamed(move, speech, gone, undefined).length === 0))
  for (const heir of named ? [undefined, ...scripts.keys()] : [undefined]) {
    const left = (moves: readonly Move<Say>[]): readonly Move<Say>[] =>
      moves.flatMap((move) => renamed(move, speech, gone, heir))
    yield { world: { ...world, clients: scripts.map(left) }, actorNow }
    if (own.length === 0) continue
    for (const [sender, script] of scripts.entries()) {
      yield { world: { ...world, clients: scripts.with(sender, [...own, ...script]).map(left) }, actorNow }
      yield { world: { ...world, clients: scripts.with(sender, [...script, ...own]).map(left) }, actorNow }
    }
  }
}

/** A move where client `gone` is no more: `heir` is named instead of it; without an heir, a move that names it goes too. */
function renamed<Say>(
  move: Move<Say>,
  speech: Speech<Say>,
  gone: number,
  heir: number | undefined,
): readonly Move<Say>[] {
  if (move.kind !== 'say' || !speech.renumbered) return [move]
  const say = speech.renumbered(move.say, (client) => (client === gone ? heir : client > gone ? client - 1 : client))
  return say === undefined ? [] : [{ kind: 'say', say }]
}

function* withFewerMoves<Say>(world: World<Say>): Iterable<World<Say>> {
  const all = world.clients.flatMap((moves, client) => moves.map((move) => ({ client, move })))
  for (const left of without(all)) {
    const clients = world.clients.map((_, index) =>
      left.flatMap(({ client, move }) => (client === index ? [move] : [])),
    )
    yield { ...world, clients }
  }
}

function* withPlainerWords<Say>(world: World<Say>, speech: Speech<Say>): Iterable<World<Say>> {
  for (const [client, moves] of world.clients.entries()) {
    for (const [index, move] of moves.entries()) {
      if (move.kind !== 'say') continue
      for (const say of speech.smaller?.(move.say) ?? []) {
        yield { ...world, clients: world.clients.with(client, moves.with(index, { kind: 'say', say })) }
      }
    }
  }
}

/** To the least, and to half. */
function* withSmallerBuffers<Say>(world: World<Say>): Iterable<World<Say>> {
  for (const name of ['receiveBytes', 'sendBytes'] as const) {
    const bytes = world.buffers[name]
    for (const smaller of new Set([BUFFER_BYTES_MIN, Math.ceil(bytes / 2)])) {
      if (smaller < bytes && smaller >= BUFFER_BYTES_MIN) {
        yield { ...world, buffers: { ...world.buffers, [name]: smaller } }
      }
    }
  }
}

function* plainer<Say>(world: World<Say>): Iterable<World<Say>> {
  if (!world.prologue) yield { ...world, prologue: true }
  const { shutdownAfter, ...rest } = world
  if (world.shutdown) yield { ...rest, shutdown: false }
  if (shutdownAfter !== undefined) yield rest
  const { timeMs, ...withoutTime } = world
  if (timeMs !== undefined) yield withoutTime
  const { disk, ...withoutDisk } = world
  if (disk) yield withoutDisk
  if (disk && disk !== 'slow') yield { ...world, disk: 'slow' }
  if (world.cuts === 'anywhere') yield { ...world, cuts: 'whole' }
  for (const name of LIMIT_NAMES) {
    if (world.limits[name] === undefined) continue
    const { [name]: _, ...limits } = world.limits
    yield { ...world, limits }
  }
  for (const name of Object.keys(world.options ?? {})) {
    const { [name]: _, ...options } = world.options ?? {}
    yield { ...world, options }
  }
}
