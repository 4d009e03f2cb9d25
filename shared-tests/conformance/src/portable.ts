/** What simulated runs need too, in a browser as well: nothing here imports anything of Node's. */
export { ID_BYTES, message, readId } from './client/message.ts'
export { dump, Failed } from './failed.ts'
export { Unreachable } from './targets/target.ts'
export type { Site, Target } from './targets/target.ts'
export { settlesWithin } from './targets/waiting.ts'
export { describeStandstill, lookAt, standstillOf } from './standstill.ts'
export type { Look, Standstill } from './standstill.ts'
