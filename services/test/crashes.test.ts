/** A short form of `npm run crashes --workspace @switchyard/services`. */
import { expect, it } from 'vitest'
import * as services from '../src/index.ts'
import { crashLive, crashSimulated } from '../suite/index.ts'

const CRASHES = 2_000

it(`accounts for every message in ${CRASHES} live crashes`, async () => {
  const { crashes, sent, done, lost, cameBack, violation, replacementMs } = await crashLive(services, CRASHES, 1)
  expect(violation).toBeUndefined()
  expect(crashes).toBe(CRASHES)
  expect(done + lost + cameBack).toBe(sent)
  expect(Math.min(done, lost, cameBack)).toBeGreaterThan(CRASHES / 10)
  // The last crash under each strategy may be followed by the stop.
  expect(CRASHES - replacementMs.length).toBeLessThanOrEqual(3)
})

it(`accounts for every message in ${CRASHES} simulated crashes`, async () => {
  const { crashes, sent, done, lost, cameBack, violation } = await crashSimulated(services, CRASHES, 1)
  expect(violation).toBeUndefined()
  expect(crashes).toBe(CRASHES)
  expect(done + lost + cameBack).toBe(sent)
})
