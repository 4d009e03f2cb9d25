/** The bell in simulation, where time is one of those that act; and a bell that forgets to ring, which is found out. */
import { forwardingOutbox, withOutbox } from '@switchyard/core'
import { Bell } from '@switchyard/protocols/bell'
import { SIMULATED_BELL } from '@switchyard/protocols/bell/simulated'
import { explore, inTurn, startOf } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { PATTERNS } from '../index.ts'

const SEEDS = 250

/** It sets itself no second alarm, so that nobody hears the third ring. */
const FORGETFUL: typeof SIMULATED_BELL = {
  ...SIMULATED_BELL,
  create() {
    let alarms = 0
    return withOutbox(new Bell(), (out) =>
      forwardingOutbox(out, {
        wakeAt: (at) => {
          if (++alarms !== 2) out.wakeAt(at)
        },
      }),
    )
  },
}

describe.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', (_, pattern) => {
  const explored = (bell: typeof SIMULATED_BELL) =>
    explore({ start: startOf(bell, pattern), world: inTurn(bell.worlds), mode: { kind: 'random', from: 1, to: SEEDS } })

  it('rings for everybody, though time passes while bytes are under way', async () => {
    expect((await explored(SIMULATED_BELL)).failures).toEqual([])
  })

  it('is told from one that forgets to ring', async () => {
    const { failures } = await explored(FORGETFUL)
    expect(failures.map(({ violation }) => violation.clause)).toEqual(['B1.1'])
  })

  it('rings in every order of a small world', async () => {
    const mode = { kind: 'exhaustive', splitsMax: 0 } as const
    const { complete, failures } = await explore({
      start: startOf(SIMULATED_BELL, pattern),
      world: SIMULATED_BELL.smallWorld(),
      mode,
    })
    expect([complete, failures]).toEqual([true, []])
  })
})
