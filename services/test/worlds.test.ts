import { Random } from '@switchyard/core'
import * as services from '../src/index.ts'
import { RandomChoices } from '@switchyard/sim'
import { expect, it } from 'vitest'
import { randomServices, runServices } from '../suite/index.ts'

const SEEDS = Number(process.env['SEEDS'] ?? 2_000)

it(`breaks no rule in ${SEEDS} random worlds`, async () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const random = new Random(seed)
    const world = randomServices(random)
    const { violation, events } = await runServices(services, world, new RandomChoices(random.below(2 ** 32)))
    expect(violation, `seed ${seed}: ${JSON.stringify(world, undefined, 1)}\n${events.join('\n')}`).toBeUndefined()
  }
}, 600_000)
