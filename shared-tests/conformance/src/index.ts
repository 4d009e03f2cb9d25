/**
 * The conformance engine: it judges a server of any protocol, of which it knows what the protocol's `Suite` says.
 *
 * Suite      What is judged: clauses, cases as data, how clients speak.
 * Target     Who is judged: a pattern in this process, a command, an address; a `Site` is one server of it.
 * Report     What comes out: a verdict for each case; `diagnose` groups failures by their likely causes.
 * Read       suite.ts, then running/runner.ts from `verify` down.
 */
export * from './portable.ts'
export { alsoSeen, diagnose } from './diagnosis/diagnosis.ts'
export type { Diagnosis } from './diagnosis/diagnosis.ts'
export { conclude } from './running/report.ts'
export type { JudgedBy, Overall, Report, Runs, Verdict } from './running/report.ts'
export type { Profile, VerifyOptions } from './running/options.ts'
export { casesOf, verify } from './running/runner.ts'
export { address } from './targets/address.ts'
export { command, startCommand } from './targets/command.ts'
export { inProcess } from './targets/in-process.ts'
export { connectTcp } from './targets/sockets.ts'
