/** What a run and its load generator, in a process of its own, say to each other. */
import type { DialectName } from './dialects.ts'
import type { FanOut } from './fan-out.ts'
import type { Generated, Load } from './generator.ts'

export type ToGenerator =
  | { readonly kind: 'generate'; readonly port: number; readonly load: Load | FanOut; readonly dialect: DialectName }
  /** The answer to `ready`. */
  | { readonly kind: 'go' }

export type FromGenerator =
  /** Everybody is connected and nothing is sent: the moment to look at the server. */
  | { readonly kind: 'ready' }
  /** The measured time begins now, and is over now. */
  | { readonly kind: 'begun' }
  | { readonly kind: 'over' }
  /** The last message: one of these two. */
  | { readonly kind: 'generated'; readonly generated: Generated }
  | { readonly kind: 'failed'; readonly why: string }
