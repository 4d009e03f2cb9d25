/**
 * Many streams in one connection, as a library: `connect` opens a session, `listen` awaits them, and a session is a listener that any pattern
 * serves. The protocol and its rules are in `protocols/mux`; begin with `session.ts`.
 */
export { connect, Session, SessionError } from './session.ts'
export type { SessionEnd, SessionErrorCode, SessionOptions } from './session.ts'
export { MuxListener } from './listener.ts'
