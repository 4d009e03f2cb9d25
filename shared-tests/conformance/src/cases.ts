import type { Case } from './case.ts'
import { ENDINGS } from './cases/endings.ts'
import { IDS } from './cases/ids.ts'
import { LIMITS } from './cases/limits.ts'
import { ROUTING } from './cases/routing.ts'
import { WIRE_FORMAT } from './cases/wire-format.ts'

/** The suite, in the order of the specification: a report reads from the simplest fault to the strangest. */
export const CASES: readonly Case[] = [...WIRE_FORMAT, ...IDS, ...ROUTING, ...ENDINGS, ...LIMITS]
