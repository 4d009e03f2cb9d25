import { decidedBeforeTheAwait } from './decided-before-the-await.ts'
import { lockHeldWhileReading } from './lock-held-while-reading.ts'
import type { Mutant } from './mutant.ts'
import { raceFavoursTheFirst } from './race-favours-the-first.ts'
import { raceLosesBytes } from './race-loses-bytes.ts'
import { reactorForgetsToArm } from './reactor-forgets-to-arm.ts'
import { sameLockTwice } from './same-lock-twice.ts'
import { twoLocksInTwoOrders } from './two-locks-in-two-orders.ts'
import { twoWritesAMessage } from './two-writes-a-message.ts'
import { writersReportBack } from './writers-report-back.ts'

export type { Mutant } from './mutant.ts'

/** Whose fault shows only in some orders of events. */
export const SCHEDULING_MUTANTS: readonly Mutant[] = [
  lockHeldWhileReading,
  twoLocksInTwoOrders,
  sameLockTwice,
  writersReportBack,
  twoWritesAMessage,
  decidedBeforeTheAwait,
  raceLosesBytes,
  raceFavoursTheFirst,
  reactorForgetsToArm,
]
