import { expect, it } from 'vitest'
import * as services from '../src/index.ts'
import { runSeed } from '../suite/index.ts'

const SEEDS = 2_000

it(`breaks no rule in ${SEEDS} random worlds`, async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const { violation, events } = await runSeed(services, seed)
    expect(violation, `seed ${seed}\n${events.join('\n')}`).toBeUndefined()
  }
})
