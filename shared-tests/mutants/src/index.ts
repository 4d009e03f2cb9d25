import type { Pattern } from '@switchyard/core'
import { acceptsWhileShuttingDown } from './connections/accepts-while-shutting-down.ts'
import { allTheGraceForTheStalled } from './connections/all-the-grace-for-the-stalled.ts'
import { anyLimits } from './connections/any-limits.ts'
import { deadlineForTheIdle } from './connections/deadline-for-the-idle.ts'
import { deadlineIgnoresProgress } from './connections/deadline-ignores-progress.ts'
import { destroyedAtFin } from './connections/destroyed-at-fin.ts'
import { doesNotLinger } from './connections/does-not-linger.ts'
import { finOvertakes } from './connections/fin-overtakes.ts'
import { fullMemoryEndsTheSender } from './connections/full-memory-ends-the-sender.ts'
import { graceWithoutEnd } from './connections/grace-without-end.ts'
import { halfTheDeadline } from './connections/half-the-deadline.ts'
import { leakAtReset } from './connections/leak-at-reset.ts'
import { lingersForEver } from './connections/lingers-for-ever.ts'
import { lingersInAnyCase } from './connections/lingers-in-any-case.ts'
import { lostAtShutdown } from './connections/lost-at-shutdown.ts'
import { neverClosesAfterFin } from './connections/never-closes-after-fin.ts'
import { noBoundForTheWhole } from './connections/no-bound-for-the-whole.ts'
import { noWriteDeadline } from './connections/no-write-deadline.ts'
import { oneConnectionTooFew } from './connections/one-connection-too-few.ts'
import { oneConnectionTooMany } from './connections/one-connection-too-many.ts'
import { placeNeverFree } from './connections/place-never-free.ts'
import { senderBlamedForAReset } from './connections/sender-blamed-for-a-reset.ts'
import { shutdownWaitsForClients } from './connections/shutdown-waits-for-clients.ts'
import { unboundedQueue } from './connections/unbounded-queue.ts'
import { decidedBeforeTheAwait } from './decided-before-the-await.ts'
import { lockHeldWhileReading } from './lock-held-while-reading.ts'
import { raceFavoursTheFirst } from './race-favours-the-first.ts'
import { raceLosesBytes } from './race-loses-bytes.ts'
import { reactorForgetsToArm } from './reactor-forgets-to-arm.ts'
import { bodiesAreText } from './router/bodies-are-text.ts'
import { chunkToNobodyDropped } from './router/chunk-to-nobody-dropped.ts'
import { cutMessageForgotten } from './router/cut-message-forgotten.ts'
import { deathByUnknownId } from './router/death-by-unknown-id.ts'
import { deliveredToAnotherToo } from './router/delivered-to-another-too.ts'
import { dropsNotCounted } from './router/drops-not-counted.ts'
import { emptyBodyIsNoMessage } from './router/empty-body-is-no-message.ts'
import { forwardedBeforeTheNul } from './router/forwarded-before-the-nul.ts'
import { gatheredByDestination } from './router/gathered-by-destination.ts'
import { greetingBeforeTheId } from './router/greeting-before-the-id.ts'
import { headerForwarded } from './router/header-forwarded.ts'
import { idOfOneByte } from './router/id-of-one-byte.ts'
import { idOffByOne } from './router/id-off-by-one.ts'
import { idUsedTwice } from './router/id-used-twice.ts'
import { idsByTheClock } from './router/ids-by-the-clock.ts'
import { idsWithoutEnd } from './router/ids-without-end.ts'
import { interleaved } from './router/interleaved.ts'
import { littleEndianAllOver } from './router/little-endian-all-over.ts'
import { littleEndianIds } from './router/little-endian-ids.ts'
import { longerThanAReadIsLost } from './router/longer-than-a-read-is-lost.ts'
import { messagePerSegment } from './router/message-per-segment.ts'
import { newestFirst } from './router/newest-first.ts'
import { nulDropped } from './router/nul-dropped.ts'
import { oneByteTooFew } from './router/one-byte-too-few.ts'
import { oneByteTooMany } from './router/one-byte-too-many.ts'
import { oneParserForAll } from './router/one-parser-for-all.ts'
import { selfSendRefused } from './router/self-send-refused.ts'
import { sentTwice } from './router/sent-twice.ts'
import { tooLongButNotEnded } from './router/too-long-but-not-ended.ts'
import { unfinishedDeliveredAtFin } from './router/unfinished-delivered-at-fin.ts'
import { unfinishedNotCounted } from './router/unfinished-not-counted.ts'
import { sameLockTwice } from './same-lock-twice.ts'
import { twoLocksInTwoOrders } from './two-locks-in-two-orders.ts'
import { twoWritesAMessage } from './two-writes-a-message.ts'
import { writersReportBack } from './writers-report-back.ts'
import type { Mutant } from './mutant.ts'
import { soundBut } from './sound.ts'

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

/** A router, or its framing, that is wrong in one place. */
export const ROUTER_MUTANTS: readonly Mutant[] = [
  littleEndianIds,
  littleEndianAllOver,
  greetingBeforeTheId,
  idOffByOne,
  emptyBodyIsNoMessage,
  bodiesAreText,
  longerThanAReadIsLost,
  nulDropped,
  headerForwarded,
  messagePerSegment,
  cutMessageForgotten,
  oneParserForAll,
  idUsedTwice,
  idOfOneByte,
  idsByTheClock,
  idsWithoutEnd,
  deliveredToAnotherToo,
  newestFirst,
  interleaved,
  gatheredByDestination,
  sentTwice,
  forwardedBeforeTheNul,
  selfSendRefused,
  deathByUnknownId,
  chunkToNobodyDropped,
  dropsNotCounted,
  unfinishedDeliveredAtFin,
  oneByteTooMany,
  oneByteTooFew,
  tooLongButNotEnded,
  unfinishedNotCounted,
]

/** How connections end and what they may cost, wrong in one place. */
export const CONNECTION_MUTANTS: readonly Mutant[] = [
  destroyedAtFin,
  finOvertakes,
  neverClosesAfterFin,
  senderBlamedForAReset,
  leakAtReset,
  lostAtShutdown,
  shutdownWaitsForClients,
  acceptsWhileShuttingDown,
  allTheGraceForTheStalled,
  oneConnectionTooMany,
  oneConnectionTooFew,
  placeNeverFree,
  noWriteDeadline,
  halfTheDeadline,
  deadlineIgnoresProgress,
  deadlineForTheIdle,
  unboundedQueue,
  anyLimits,
  lingersForEver,
  lingersInAnyCase,
  doesNotLinger,
  graceWithoutEnd,
  noBoundForTheWhole,
  fullMemoryEndsTheSender,
]

export const MUTANTS: readonly Mutant[] = [...SCHEDULING_MUTANTS, ...ROUTER_MUTANTS, ...CONNECTION_MUTANTS]

/** What the last two groups differ from, each in one place: no check may find anything in it. */
export const SOUND: Pattern = soundBut('sound', {})
