import { ENDING_CAUSES } from './causes/endings.ts'
import { LIMIT_CAUSES } from './causes/limits.ts'
import { ROUTING_CAUSES } from './causes/routing.ts'
import { WIRE_FORMAT_CAUSES } from './causes/wire-format.ts'
import type { Cause } from './cause.ts'

/** The most useful first: what spoils everything, then what spoils some messages, then endings, then limits. */
export const CAUSES: readonly Cause[] = [...WIRE_FORMAT_CAUSES, ...ROUTING_CAUSES, ...ENDING_CAUSES, ...LIMIT_CAUSES]
