import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { awaitPerMessage, plain, VARIANTS } from '../src/index.ts'

conformance(plain)
conformance(awaitPerMessage)

/** A run that stands still for so long has failed: nothing here waits for a kernel. */
const STILL_MS = 1_000

/** Of the order of events. What `one-message-per-read` declares to fail shows in most orders, and not in that of seed 1. */
const SEED = 2

for (const pattern of VARIANTS) conformanceOf(simulated(pattern, { seed: SEED }), { stillMs: STILL_MS })
