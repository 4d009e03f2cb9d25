/**
 * Services that find each other, fail and come back.
 *
 * A `Mailbox` outlives whoever receives from it; a `Directory` gives mailboxes names; a `supervisor` starts services, and
 * restarts them as OTP's does. An `Incarnation` is one life of a service: when it is over, nothing is taken from it any
 * more. Begin reading at `mailbox.ts`; `strategy.ts` holds OTP's rules, without any I/O.
 *
 * Services that wait for nothing but each other let no turn of the event loop end: then no timer fires and nobody is
 * restarted. Whatever comes from outside (a socket, a timer) makes an end to that.
 */
export { Directory } from './directory.ts'
export type { Found } from './directory.ts'
export { Incarnation } from './incarnation.ts'
export type { Ending } from './incarnation.ts'
export { Mailbox } from './mailbox.ts'
export type { Answer, Lost, MailboxOptions } from './mailbox.ts'
export { service } from './service.ts'
export type { Child, End, Farewell, Run, Running, Self, ServiceOptions } from './service.ts'
export { ended } from './strategy.ts'
export type { Decision, Policy, Restart, Rule, Strategy } from './strategy.ts'
export { start, supervisor } from './supervisor.ts'
export type { Report, SupervisorOptions, Tree } from './supervisor.ts'
