import type { CloseReason, Place } from '@switchyard/core'
import type { Letter } from './mail.ts'

/** One client as it is drawn. */
export interface ClientView {
  readonly connected: boolean
  /** It reads at most so often. */
  readonly everyMs: number | 'never'
  /** Why its connection ended, once it has. */
  readonly closed: CloseReason | undefined
  /** Messages that it would have sent by now, if its kernel took them. */
  readonly unsent: number
  /** In its kernels: sent and not read by the server; accepted from the server and not read by it. */
  readonly incomingBytes: number
  readonly outgoingBytes: number
  /** Handed over by the server, not accepted. */
  readonly pendingBytes: number
  /** Messages that it has read. */
  readonly received: number
}

/** Who waits, or is waited for: `client` by its place in the world. */
export type PartyView =
  | { readonly kind: 'client'; readonly client: number }
  | { readonly kind: 'task'; readonly name: string; readonly of: number | undefined }

export interface WaitView {
  readonly who: PartyView
  /** `lock "sockets"`, `client 3 to read`. */
  readonly what: string
  /** Who holds the lock or empties the channel; or the client that is to read. */
  readonly holder: PartyView | undefined
  readonly lock: boolean
}

/** A server and its clients after one event. What did not change is the same object as in the frame before. */
export interface Frame {
  /** ms since the beginning: of the world's time, or of the drawing's where a schedule has none. */
  readonly at: number
  /** What happened, in words. */
  readonly text: string
  /** The client that it happened to. */
  readonly client: number | undefined
  /** Lines of the server's file that ran in this event, in order. */
  readonly lines: readonly number[]
  readonly clients: readonly ClientView[]
  readonly letters: readonly Letter[]
  readonly held: Readonly<Record<Place, number>> & { readonly total: number }
  readonly waits: readonly WaitView[]
  /** Who waits for whom, in words; one chain a line. */
  readonly waitsText: readonly string[]
  /** Some wait for each other. */
  readonly deadlock: boolean
  /** Messages that their destinations have read. */
  readonly arrived: number
  /** How often the disk was synced, and how many steps that made durable. */
  readonly disk: { readonly syncs: number; readonly steps: number }
  /** The clause that was just seen to be broken, and how. */
  readonly violation: { readonly clause: string; readonly message: string } | undefined
}
