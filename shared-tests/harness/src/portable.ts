/** What needs nothing of Node's: suites and simulated runs use it in browsers too. */
export { Failure } from './failure.ts'
export type {
  Address,
  Addressed,
  Crowd,
  CrowdDialect,
  Dialect,
  Echoes,
  FromSeveral,
  Greeting,
  Incoming,
  IncomingAnswers,
  IncomingFromCrowd,
  Joining,
  Keepalive,
  PairDialect,
  Requests,
  Talk,
} from './load/dialect.ts'
export { batchOf, EqualMessages } from './load/incoming.ts'
export { printable } from './printable.ts'
export { settlesWithin, unmoved, wait, within } from './waiting.ts'
