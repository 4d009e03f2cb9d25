/** What a stall comes from: seen over TCP, and found as the shortest schedule that leads there. */
export { Debts } from './debts.ts'
export { renderSchedule, renderStall, shownOf } from './render.ts'
export { scheduleOf, soughtIn, undeclaredOf } from './schedule.ts'
export type { Schedule } from './schedule.ts'
export { NotPlayed, stall } from './stall.ts'
export type { Stall } from './stall.ts'
