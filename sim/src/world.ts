import type { Limits } from '@switchyard/core'
import type { Buffers } from './network.ts'
import type { DiskKind } from './sim-disk.ts'

/** What a client does next. Reading is not among its moves: a client that has not stalled reads whenever it can. */
export type Move<Say = unknown> =
  /** The kernel may take what is said in several pieces. */
  | { readonly kind: 'say'; readonly say: Say }
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'resume' }

/** What each client will do, in order, each at a time that the schedule chooses; and the kernels between them and the server. */
export interface World<Say = unknown> {
  readonly clients: readonly (readonly Move<Say>[])[]
  /** Whether, at a time that the schedule chooses, the server is told to shut down. */
  readonly shutdown: boolean
  /** The shutdown waits for so many events, unless nothing else is left. Default 0. */
  readonly shutdownAfter?: number
  readonly limits: Partial<Limits>
  /** The protocol's own options, by name. */
  readonly options?: Readonly<Record<string, number>>
  readonly buffers: Buffers
  /** How many bytes of what has arrived one read may bring. */
  readonly cuts: 'whole' | 'anywhere'
  /** The schedule begins only when all clients have connected, one after the other, and are introduced. Default: at once. */
  readonly prologue?: boolean
  /**
   * Until this moment of the server's clock, ms, time may pass to the next timer though something else could happen. Default: it
   * passes only when nothing else can. It must be below every deadline that a client is to keep.
   */
  readonly timeMs?: number
  /** Each step has to be committed before anything of it is delivered. Default: nothing is. */
  readonly disk?: DiskKind
}

/** Whether every client reads and none is ended, so that everything sent to one has to arrive (G1). */
export function everybodyReads({ clients, shutdown }: World): boolean {
  return !shutdown && clients.every((moves) => moves.every(({ kind }) => kind === 'say'))
}
