import { LIMIT_NAMES } from '@switchyard/core'
import type { Schedule } from './choices.ts'
import { ACTORS_PER_CLIENT, actorOf } from './candidates.ts'
import type { Move, World } from './world.ts'

/** Enough for the shortest message and the id, so that a small buffer alone changes nothing of what can be said. */
const BUFFER_BYTES_MIN = 8

/** What shrinking tries, everywhere with large pieces before small ones (delta debugging). */

export interface SmallerWorld {
  readonly world: World
  /** The actor of the larger world by its number in this one; undefined if it is gone. */
  readonly actorNow: (actor: number) => number | undefined
}

/** Every world with something taken away, down to any one thing: a client, moves, bytes of bodies or buffers, a limit, what else. */
export function* smallerWorlds(world: World): Iterable<SmallerWorld> {
  for (let client = world.clients.length - 1; client >= 0; client--) yield* withoutClient(world, client)
  const others = [
    ...withFewerMoves(world),
    ...withShorterBodies(world),
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
 * A client goes, and those behind it move up. What was sent to it goes with it, or else to one of the others, each in turn;
 * what it sent goes with it, or else is sent by one of the others, before or after its own.
 */
function* withoutClient(world: World, gone: number): Iterable<SmallerWorld> {
  const first = actorOf(gone, 'script')
  const behind = first + ACTORS_PER_CLIENT
  const actorNow = (actor: number): number | undefined => {
    if (actor < first) return actor
    return actor < behind ? undefined : actor - ACTORS_PER_CLIENT
  }
  const scripts = world.clients.filter((_, client) => client !== gone)
  const own = world.clients[gone]?.filter(({ kind }) => kind === 'send') ?? []
  const heirs = [undefined, ...scripts.keys()]
  for (const receiver of world.clients.some((moves) => moves.some((move) => isTo(move, gone))) ? heirs : [undefined]) {
    const left = (moves: readonly Move[]): readonly Move[] =>
      moves.flatMap((move) => withoutTarget(move, gone, receiver))
    yield { world: { ...world, clients: scripts.map(left) }, actorNow }
    if (own.length === 0) continue
    for (const [sender, script] of scripts.entries()) {
      yield { world: { ...world, clients: scripts.with(sender, [...own, ...script]).map(left) }, actorNow }
      yield { world: { ...world, clients: scripts.with(sender, [...script, ...own]).map(left) }, actorNow }
    }
  }
}

function isTo(move: Move, client: number): boolean {
  return 'to' in move && move.to === client
}

function withoutTarget(move: Move, gone: number, heir: number | undefined): readonly Move[] {
  if (!('to' in move)) return [move]
  if (move.to !== gone) return [{ ...move, to: move.to > gone ? move.to - 1 : move.to }]
  return heir === undefined ? [] : [{ ...move, to: heir }]
}

function* withFewerMoves(world: World): Iterable<World> {
  const all = world.clients.flatMap((moves, client) => moves.map((move) => ({ client, move })))
  for (const left of without(all)) {
    const clients = world.clients.map((_, index) =>
      left.flatMap(({ client, move }) => (client === index ? [move] : [])),
    )
    yield { ...world, clients }
  }
}

/** To nothing, one byte, half, and one byte less. */
function* withShorterBodies(world: World): Iterable<World> {
  for (const [client, moves] of world.clients.entries()) {
    for (const [index, move] of moves.entries()) {
      if (!('body' in move)) continue
      const { length } = move.body
      const lengths = new Set([0, 1, length >> 1, length - 1].filter((shorter) => shorter >= 0 && shorter < length))
      for (const shorter of lengths) {
        const changed = moves.with(index, { ...move, body: move.body.slice(0, shorter) })
        yield { ...world, clients: world.clients.with(client, changed) }
      }
    }
  }
}

/** To the least, and to half. */
function* withSmallerBuffers(world: World): Iterable<World> {
  for (const name of ['receiveBytes', 'sendBytes'] as const) {
    const bytes = world.buffers[name]
    for (const smaller of new Set([BUFFER_BYTES_MIN, Math.ceil(bytes / 2)])) {
      if (smaller < bytes && smaller >= BUFFER_BYTES_MIN) {
        yield { ...world, buffers: { ...world.buffers, [name]: smaller } }
      }
    }
  }
}

function* plainer(world: World): Iterable<World> {
  if (!world.prologue) yield { ...world, prologue: true }
  const { shutdownAfter, ...rest } = world
  if (world.shutdown) yield { ...rest, shutdown: false }
  if (shutdownAfter !== undefined) yield rest
  if (world.cuts === 'anywhere') yield { ...world, cuts: 'whole' }
  for (const name of LIMIT_NAMES) {
    if (world.limits[name] === undefined) continue
    const { [name]: _, ...limits } = world.limits
    yield { ...world, limits }
  }
}
