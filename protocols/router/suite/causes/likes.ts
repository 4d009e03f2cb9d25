/** Failures as several causes speak of them. */
import type { Like } from '@switchyard/conformance/portable'

/** The process ended in the middle of a case, or as soon as its clients had left. */
export const EXITED: Like = { exited: true }
export const DIFFERS: Like = { codes: ['wrong-bytes'] }
/** No mending of messages brings an orderly end. */
export const SIGTERM: Like = { codes: ['killed-by-sigterm'] }
export const LET_IN: Like = { codes: ['let-in'] }
/** Some client waits for FIN or a reset in vain. */
export const AWAITS_END: Like = { awaits: 'end' }
/** The same of those that a limit should have ended. */
export const NOT_ENDED: Like = { awaits: 'end', by: ['culprit', 'large'] }
/** A receiver that waits, and to which nothing has come. */
export const NOTHING_CAME: Like = { awaits: 'message', untaken: 'nothing' }
export const OUT_OF_ORDER: Like = { codes: ['wrong-order'] }
