/** Every protocol's worlds, on each of the five: short runs of what `switchyard explore <pattern> --protocol <name>` explores. */
import { forwardingProtocol } from '@switchyard/core'
import type { Pattern, Protocol } from '@switchyard/core'
import { allSuites } from '@switchyard/protocols'
import { Epmd } from '@switchyard/protocols/epmd'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { decodeRun, drawn, encodeRun, runSeeds, ScheduleChoices, startOf } from '@switchyard/sim'
import type { SimulatedProtocol, Violation } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { PATTERNS } from '../index.ts'
import { reactor } from '../reactor/src/server.ts'

const SEEDS = 200

/** Worlds of the router and of three nodes have tests of their own. */
const simulated = (await allSuites()).flatMap(({ name, simulated: worlds }) =>
  worlds && name !== 'router' && name !== 'nodes' ? [[name, worlds] as const] : [],
)

describe.each(simulated)('%s', (_, protocol) => {
  it.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (_name, pattern) => {
    expect(await firstViolation(protocol, pattern, SEEDS)).toBeUndefined()
  })
})

describe('EPMD with a fault is found out:', () => {
  it('two directories that know nothing of each other give one name to two clients', async () => {
    expect(await found(() => divided(directory(), directory()))).toMatch('D2.4')
  })

  it('a name that is never free is found though no client holds it', async () => {
    const create = (): Protocol => forwardingProtocol(directory(), { disconnected: () => {} })
    expect(await found(create)).toMatch('D3.1')
  })
})

it('a line of EPMD replays', async () => {
  const { speech } = SIMULATED_EPMD
  const world = SIMULATED_EPMD.smallWorld()
  const outcome = await startOf(SIMULATED_EPMD, reactor)(world, new ScheduleChoices([1, 2, 1])).run()
  const line = encodeRun({ pattern: 'reactor', world, schedule: [1, 2, 1] }, speech)
  expect(line).toMatch(/^sim2:epmd:reactor:/)
  const run = decodeRun(line, speech)
  const again = await startOf(SIMULATED_EPMD, reactor)(run.world, new ScheduleChoices(run.schedule)).run()
  expect(again.events).toEqual(outcome.events)
})

async function found(create: () => Protocol): Promise<string | undefined> {
  return (await firstViolation({ ...SIMULATED_EPMD, create }, reactor, 2_000))?.clause
}

async function firstViolation<Say>(
  protocol: SimulatedProtocol<Say>,
  pattern: Pattern,
  seeds: number,
): Promise<Violation | undefined> {
  const runs = runSeeds({ start: startOf(protocol, pattern), world: drawn(protocol.worlds), from: 0, to: seeds - 1 })
  for await (const { outcome } of runs) if (outcome?.violation) return outcome.violation
  return undefined
}

function directory(): Epmd {
  return new Epmd({ port: 0, firstCreation: 4 })
}

/** Clients by turns go to the one and to the other. */
function divided(even: Protocol, odd: Protocol): Protocol {
  const of = (client: number): Protocol => (client % 2 === 0 ? even : odd)
  return {
    connected: (client, out, role) => of(client).connected(client, out, role),
    received: (client, chunk, out) => of(client).received(client, chunk, out),
    disconnected: (client, out) => of(client).disconnected(client, out),
    heldBytes: (client) => of(client).heldBytes(client),
  }
}
