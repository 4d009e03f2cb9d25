import type { Case } from '../case.ts'
import { ENDINGS } from './endings.ts'
import { IDS } from './ids.ts'
import { LIMITS } from './limits.ts'
import { ROUTING } from './routing.ts'
import { WIRE_FORMAT } from './wire-format.ts'

/** The suite, in the order of the specification: a report reads from the simplest fault to the strangest. */
export const CASES: readonly Case[] = [...WIRE_FORMAT, ...IDS, ...ROUTING, ...ENDINGS, ...LIMITS]
