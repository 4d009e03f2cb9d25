/**
 * What a library of services has to do, as data: `CASES`, one behaviour each, with OTP's table among them; and worlds of
 * services that fail, to be explored. Both judge any `Library`, so a planted fault as well. Begin at `run.ts`.
 */
import type { Case } from './cases/case.ts'
import { DIRECTORY_CASES } from './cases/directory.ts'
import { MAILBOX_CASES } from './cases/mailbox.ts'
import { OTP_CASES } from './cases/otp.ts'
import { SUPERVISOR_CASES } from './cases/supervisor.ts'

export type { Case } from './cases/case.ts'
export { crashLive, crashSimulated } from './crashes.ts'
export type { CrashAccount, LiveCrashes } from './crashes.ts'
export { Deviations } from './deviations.ts'
export { FAULTS } from './faults.ts'
export type { Fault } from './faults.ts'
export type { Rule } from './ledger.ts'
export type { Library } from './library.ts'
export { OTP_ABSENT, OTP_ROWS } from './otp.ts'
export type { Row } from './otp.ts'
export { runSeed, runServices } from './run.ts'
export type { ServicesRun } from './run.ts'
export { randomServices } from './world.ts'
export type { ServicesWorld } from './world.ts'

export const CASES: readonly Case[] = [...MAILBOX_CASES, ...DIRECTORY_CASES, ...SUPERVISOR_CASES, ...OTP_CASES]
