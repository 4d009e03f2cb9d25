import { Random } from '@switchyard/core'
import { everybodyReads, RandomChoices, startOf } from '@switchyard/sim'
import type { World } from '@switchyard/sim'
import type { RouterSay } from '../../suite/simulated/index.ts'
import { describe, expect, test } from 'vitest'
import { routerWith } from '../../suite/simulated/router.ts'
import { randomWorld, smallWorld, WORLD_KINDS } from '../../suite/simulated/worlds.ts'
import { toy } from './toy.ts'

const start = startOf(
  routerWith(() => []),
  toy(),
)
const SEEDS = Array.from({ length: 200 }, (_, seed) => seed)

describe('random worlds', () => {
  test('the same numbers make the same world', () => {
    for (const kind of WORLD_KINDS) {
      for (const seed of SEEDS) expect(randomWorld(new Random(seed), kind)).toEqual(randomWorld(new Random(seed), kind))
    }
  })

  test('in calm ones everybody reads', () => {
    expect(SEEDS.every((seed) => everybodyReads(randomWorld(new Random(seed), 'calm')))).toBe(true)
  })

  test('each kind of move occurs, and nothing is sent after an end', () => {
    const kinds = new Set<string>()
    for (const seed of SEEDS) {
      for (const moves of randomWorld(new Random(seed), 'faults').clients) {
        const names = moves.map((move) => (move.kind === 'say' ? move.say.kind : move.kind))
        for (const name of names) kinds.add(name)
        const end = names.findIndex((name) => name === 'fin' || name === 'reset' || name === 'begin')
        const rest = end === -1 ? [] : names.slice(end + 1)
        expect(rest).not.toContain('send')
      }
    }
    expect(kinds).toEqual(new Set(['send', 'begin', 'fin', 'reset', 'stall', 'resume']))
  })
})

test('bodies may be alike: nobody can tell them apart, and nothing is wrong', async () => {
  for (const kind of WORLD_KINDS) {
    for (const seed of SEEDS.slice(0, 60)) {
      const world = withBodies(randomWorld(new Random(seed), kind), new Uint8Array(seed % 3).fill(0x61))
      const { violation } = await start(world, new RandomChoices(seed)).run()
      expect(violation).toBeUndefined()
    }
  }
})

test('in the small world a reader is stalled, and aborted in the end', async () => {
  const simulation = start(smallWorld(), new RandomChoices(1))
  expect((await simulation.run()).violation).toBeUndefined()
  expect(simulation.server.statistics().closes['write-deadline']).toBe(1)
})

function withBodies(world: World<RouterSay>, body: Uint8Array): World<RouterSay> {
  const clients = world.clients.map((moves) =>
    moves.map((move) => (move.kind === 'say' ? { ...move, say: { ...move.say, body } } : move)),
  )
  return { ...world, clients }
}
