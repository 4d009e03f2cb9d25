/** The router in simulation: what its clients say, the worlds they say it in, and its own checker. */
export { RouterChecker } from './checker.ts'
export type { RouterLedger } from './ledger.ts'
export { routerWith, SIMULATED_ROUTER } from './router.ts'
export { ROUTER_SPEECH, send } from './speech.ts'
export type { RouterSay } from './speech.ts'
export { randomWorld, smallWorld, WORLD_KINDS } from './worlds.ts'
export type { WorldKind } from './worlds.ts'
