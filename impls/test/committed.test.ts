/** On a disk that the schedule decides about, nothing is seen before it is committed, in every order of events, on every pattern. */
import type { ClientId, Outbox, Pattern, Protocol, Random } from '@switchyard/core'
import { Committed, DeliveryChecker, invariantsOf } from '@switchyard/simulated'
import { conversationOf, explore, RandomChoices, startOf } from '@switchyard/sim'
import type { DiskKind, Exploration, Mode, Move, SimulatedProtocol, Simulation, Speech, World } from '@switchyard/sim'
import { describe, expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'

/** What a client wants of the door: a byte to everybody; that the other one is shown out, or thrown out; or no more of it. */
const WORDS = ['knock', 'close', 'abort', 'finish'] as const
type Word = (typeof WORDS)[number]
const ENDS = WORDS.filter((word) => word !== 'finish')

class Door implements Protocol {
  readonly #inside = new Set<ClientId>()

  connected(client: ClientId, out: Outbox): void {
    this.#inside.add(client)
    out.send(client, Uint8Array.of(client))
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    for (const byte of chunk) {
      const others = [...this.#inside].filter((other) => other !== client)
      switch (WORDS[byte]) {
        case 'knock':
          for (const one of this.#inside) out.send(one, Uint8Array.of(0x6b, client))
          break
        case 'close':
          for (const other of others) out.close(other)
          break
        case 'abort':
          for (const other of others) out.abort(other, 'protocol-abort')
          break
        case 'finish':
          out.finish(client)
          break
        case undefined:
      }
    }
  }

  finished(client: ClientId, out: Outbox): void {
    out.close(client)
  }

  disconnected(client: ClientId): void {
    this.#inside.delete(client)
  }

  heldBytes(): number {
    return 0
  }
}

const SPEECH: Speech<Word> = {
  protocol: 'door',
  begin: (clients) =>
    conversationOf<Word, boolean>(clients, {
      nothing: false,
      hear: (known, bytes) => known || bytes.length > 0,
      introduced: (known) => known,
      bytesOf: (word, client, knows) => (knows(client) ? Uint8Array.of(WORDS.indexOf(word)) : undefined),
    }),
  label: (word) => word,
  encode: (word) => word,
  decode: (text) => WORDS.find((word) => word === text),
}

function worldOf(scripts: readonly (readonly Word[])[], disk: DiskKind, sendBytes: number): World<Word> {
  const clients = scripts.map((words) => words.map((say): Move<Word> => ({ kind: 'say', say })))
  return {
    clients,
    disk,
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 64, sendBytes },
    cuts: 'whole',
    prologue: true,
  }
}

function randomWorld(random: Random, words: readonly Word[] = ENDS): World<Word> {
  const scripts = Array.from({ length: 2 + random.below(2) }, () =>
    Array.from({ length: 1 + random.below(3) }, () => words.at(random.below(words.length)) ?? 'knock'),
  )
  return { ...worldOf(scripts, 'slow', 1 + random.below(4)), prologue: random.below(2) === 0 }
}

const DOOR: SimulatedProtocol<Word> = {
  speech: SPEECH,
  worlds: [randomWorld],
  smallWorld: () => worldOf([['knock'], ['knock']], 'slow', 2),
  create: () => new Door(),
  checkerOf: (world, pattern) => new Committed(new DeliveryChecker(world, pattern, invariantsOf(pattern, world))),
}

/** Without the checker of deliveries, which expects that everything comes, and that nobody is finished. */
const WATCHED: SimulatedProtocol<Word> = { ...DOOR, checkerOf: () => new Committed() }

function exploration(
  pattern: Pattern,
  mode: Mode,
  world: World<Word> | ((random: Random) => World<Word>),
  protocol = DOOR,
): Promise<Exploration<Word>> {
  return explore({ start: startOf(protocol, pattern), world, mode })
}

/** Begins each commit and waits for none. */
function hasty(pattern: Pattern): Pattern {
  return {
    ...pattern,
    serve: (protocol, listener, options = {}) =>
      pattern.serve(protocol, listener, {
        ...options,
        commit: () => {
          void options.commit?.()
          return undefined
        },
      }),
  }
}

const RANDOM: Mode = { kind: 'random', from: 1, to: 300 }
const ALL: Mode = { kind: 'exhaustive', splitsMax: 0 }

describe.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', (_, pattern) => {
  test.each(WORDS)('every schedule of two clients: %s', async (word) => {
    const world = worldOf([['knock'], [word]], 'slow', 64)
    const protocol = word === 'finish' ? WATCHED : DOOR
    const { failures, complete } = await exploration(pattern, ALL, world, protocol)
    expect([failures.map(({ violation }) => violation), complete]).toEqual([[], true])
  })

  test('random worlds', async () => {
    const { failures } = await exploration(pattern, RANDOM, (random) => randomWorld(random))
    expect(failures.map(({ violation }) => violation)).toEqual([])
  })

  test('random worlds in which clients are finished', async () => {
    const finishing = (random: Random): World<Word> => randomWorld(random, WORDS)
    const { failures } = await exploration(pattern, RANDOM, finishing, WATCHED)
    expect(failures.map(({ violation }) => violation)).toEqual([])
  })

  test('a dead disk lets nothing out', async () => {
    const dead = (random: Random): World<Word> => ({ ...randomWorld(random), disk: 'dead', prologue: false })
    const { failures } = await exploration(pattern, RANDOM, dead, WATCHED)
    expect(failures.map(({ violation }) => violation)).toEqual([])
  })

  test('a disk that fails is a crash, and lets nothing out', async () => {
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    let simulation: Simulation<Word> | undefined
    const crashed = (error: unknown): void => simulation?.crashed(error)
    process.on('uncaughtException', crashed)
    try {
      simulation = startOf(WATCHED, pattern)({ ...worldOf([[]], 'failing', 64), prologue: false }, new RandomChoices(1))
      const { violation } = await simulation.run()
      expect(violation).toEqual({ clause: 'crash', message: 'Error: the simulated disk has failed' })
      expect(simulation.clients[0]?.link.readable).toBe(0)
      await expect(simulation.server.shutdown()).rejects.toThrow('the simulated disk has failed')
    } finally {
      process.off('uncaughtException', crashed)
      for (const listener of others) process.on('uncaughtException', listener)
    }
  })

  test('without waiting for the commit it leaks, and that is found', async () => {
    const { failures } = await exploration(hasty(pattern), RANDOM, (random) => randomWorld(random), WATCHED)
    expect(failures[0]?.violation.clause).toBe('commit')
  })
})
