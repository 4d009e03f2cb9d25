import type { ClientView } from './checker.ts'
import type { End, Link } from './network.ts'

/** One client of the world, as the simulation moves it on. */
export interface SimClient extends ClientView {
  readonly link: Link
  connected: boolean
  refused: boolean
  stalled: boolean
  end: End | undefined
  nextMove: number
  /** What is left of what it says, when the kernel has taken a part. */
  rest: Uint8Array | undefined
}

export function createClient(index: number, link: Link): SimClient {
  return {
    index,
    link,
    connected: false,
    refused: false,
    stalled: false,
    end: undefined,
    nextMove: 0,
    rest: undefined,
  }
}

/** Something that could happen next, and who would make it happen. */
export type Candidate =
  | {
      readonly kind: 'deliver' | 'accept' | 'read' | 'end' | 'move' | 'connect'
      readonly actor: number
      readonly client: SimClient
    }
  | { readonly kind: 'turn' | 'shutdown' | 'sync' | 'time'; readonly actor: number }

/**
 * Who makes events happen. Each can go on in one way at a time, so that an actor names a candidate: time; the server's disk; its
 * turn; the order to shut down; and for each client its script (connect, move), its reading (read, end), and the two directions of
 * its connection (deliver, accept).
 */
export const TIME_ACTOR = -2
export const DISK_ACTOR = -1
export const TURN_ACTOR = 0
export const SHUTDOWN_ACTOR = 1
export const ACTORS_PER_CLIENT = 4

/** One of a client's four actors. */
export function actorOf(client: number, part: 'script' | 'reading' | 'incoming' | 'outgoing'): number {
  return SHUTDOWN_ACTOR + 1 + client * ACTORS_PER_CLIENT + PARTS.indexOf(part)
}

const PARTS = ['script', 'reading', 'incoming', 'outgoing'] as const

/** The candidates that one client could ever be: made once, because a run looks at them at every step. */
export type ClientCandidates = { readonly client: SimClient } & Readonly<
  Record<'deliver' | 'accept' | 'read' | 'end' | 'move' | 'connect', Candidate>
>

export function candidatesOf(client: SimClient): ClientCandidates {
  const script = actorOf(client.index, 'script')
  const reading = actorOf(client.index, 'reading')
  return {
    client,
    connect: { kind: 'connect', actor: script, client },
    move: { kind: 'move', actor: script, client },
    read: { kind: 'read', actor: reading, client },
    end: { kind: 'end', actor: reading, client },
    deliver: { kind: 'deliver', actor: actorOf(client.index, 'incoming'), client },
    accept: { kind: 'accept', actor: actorOf(client.index, 'outgoing'), client },
  }
}
