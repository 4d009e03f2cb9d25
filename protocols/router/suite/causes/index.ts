import { ENDING_CAUSES } from './endings.ts'
import { LIMIT_CAUSES } from './limits.ts'
import { ROUTING_CAUSES } from './routing.ts'
import { WIRE_FORMAT_CAUSES } from './wire-format.ts'
import type { Cause } from '@switchyard/conformance/portable'

/** The most useful first: what spoils everything, then what spoils some messages, then endings, then limits. */
export const CAUSES: readonly Cause[] = [...WIRE_FORMAT_CAUSES, ...ROUTING_CAUSES, ...ENDING_CAUSES, ...LIMIT_CAUSES]
