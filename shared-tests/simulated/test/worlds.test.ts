import { Random } from '@switchyard/core'
import { everybodyReads, RandomChoices, Simulation } from '@switchyard/sim'
import type { Move, World } from '@switchyard/sim'
import { describe, expect, test } from 'vitest'
import { judged } from '../src/run.ts'
import { randomWorld, smallWorld, WORLD_KINDS } from '../src/worlds.ts'
import { toy } from './toy.ts'

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
    const kinds = new Set<Move['kind']>()
    for (const seed of SEEDS) {
      for (const moves of randomWorld(new Random(seed), 'faults').clients) {
        for (const { kind } of moves) kinds.add(kind)
        const end = moves.findIndex(({ kind }) => kind === 'fin' || kind === 'reset' || kind === 'begin')
        const rest = end === -1 ? [] : moves.slice(end + 1).map(({ kind }) => kind)
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
      const { violation } = await new Simulation(
        judged({ pattern: toy(), world, choices: new RandomChoices(seed) }),
      ).run()
      expect(violation).toBeUndefined()
    }
  }
})

test('in the small world a reader is stalled, and aborted in the end', async () => {
  const run = { pattern: toy(), world: smallWorld(), choices: new RandomChoices(1) }
  const simulation = new Simulation(judged(run))
  expect((await simulation.run()).violation).toBeUndefined()
  expect(simulation.server.statistics().closes['write-deadline']).toBe(1)
})

function withBodies(world: World, body: Uint8Array): World {
  const clients = world.clients.map((moves) => moves.map((move) => ('body' in move ? { ...move, body } : move)))
  return { ...world, clients }
}
