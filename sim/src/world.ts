import type { Limits } from '@switchyard/core'
import type { Buffers } from './network.ts'

/** What a client does next. Reading is not among its moves: whoever does not stall reads whenever it can. */
export type Move =
  /** One message, whole; the kernel may take it in several pieces. */
  | { readonly kind: 'send'; readonly to: number; readonly body: Uint8Array }
  /** The beginning of a message that never ends. */
  | { readonly kind: 'begin'; readonly to: number; readonly body: Uint8Array }
  | { readonly kind: 'fin' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'resume' }

/** Clients with what they will do, in order, each at a time that the schedule chooses; and what they do it on. */
export interface World {
  readonly clients: readonly (readonly Move[])[]
  /** Whether, at a time that the schedule chooses, the server is told to shut down. */
  readonly shutdown: boolean
  /** Not before so many events, unless nothing else is left. Default 0. */
  readonly shutdownAfter?: number
  readonly limits: Partial<Limits>
  readonly buffers: Buffers
  /** How many bytes of what has arrived one read may bring. */
  readonly cuts: 'whole' | 'anywhere'
  /** The schedule begins only when everybody has connected, one after the other, and knows its id. Default: at once. */
  readonly prologue?: boolean
}

/** In such a world everybody reads and nobody is ended, so that all messages have to arrive (G1). */
export function everybodyReads({ clients, shutdown }: World): boolean {
  return !shutdown && clients.every((moves) => moves.every(({ kind }) => kind === 'send' || kind === 'begin'))
}
