export type { Ledger, Sum } from './accounting.ts'
export { routedFaults, scriptedFaults } from './planned.ts'
export type { Planned } from './planned.ts'
export type { FaultRun } from './run.ts'
