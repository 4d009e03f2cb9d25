/**
 * Checks simulated runs of any protocol by any pattern; knows no protocol.
 *
 * DeliveryChecker  What clients read must be what the protocol put into its outbox, in order, each whole and once.
 * Committed        On a disk: nothing is seen before it is committed.
 * RunChecker       What it shares with a protocol's own checker: a ledger, readings, invariants, ends, statistics.
 * exploreOne       Looks for a violation, and makes the first one small.
 * simulated        A target on simulated connections, for conformance cases.
 * Read             checker/model.ts, then checker/delivery-checker.ts.
 */
export { Committed } from './checker/committed.ts'
export { DeliveryChecker } from './checker/delivery-checker.ts'
export { GroupsCommits, Isolation, KeepsTime, LagsAlone, Served } from './checker/guarantees.ts'
export { invariantsOf, SERVED_WITHIN_TURNS } from './checker/invariants.ts'
export { Ledger } from './checker/ledger.ts'
export type { OpenAccount } from './checker/ledger.ts'
export { nameOf } from './checker/model.ts'
export type { Account, Delivery, Invariant, Model, Reading } from './checker/model.ts'
export { Ordered } from './checker/order.ts'
export { RunChecker } from './checker/run-checker.ts'
export { exploreOne } from './explore/run.ts'
export type { Explored, Plan } from './explore/run.ts'
export { declaring } from './explore/subject.ts'
export type { Explorable, Faulty } from './explore/subject.ts'
export { withFaults } from './faults.ts'
export { simulated } from './target/target.ts'
