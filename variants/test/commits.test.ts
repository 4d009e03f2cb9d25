/** Variants that wait for a disk: on one that the schedule decides about, they keep total order, leak nothing, and share syncs. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { ClientId, Outbox, Pattern, Protocol, Random } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { Committed } from '@switchyard/simulated'
import { explore, inTurn, startOf } from '@switchyard/sim'
import type { Mode, Violation } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { channelsBatched, mutexEarlyRelease } from '../src/index.ts'

const RUNS: Mode = { kind: 'random', from: 1, to: 120 }

/** The first thing that is wrong in the router's worlds, each of them on a disk: its clients are slow, and what they read is numbered. */
async function firstViolation(pattern: Pattern): Promise<Violation | undefined> {
  const protocol: typeof SIMULATED_ROUTER = {
    ...SIMULATED_ROUTER,
    checkerOf: (given, of) => new Committed(SIMULATED_ROUTER.checkerOf(given, of)),
  }
  const world = inTurn(protocol.worlds.map((kind) => (random: Random) => ({ ...kind(random), disk: 'slow' as const })))
  const { failures } = await explore({ start: startOf(protocol, pattern), world, mode: RUNS })
  return failures[0]?.violation
}

/** Answers a chunk with a chunk. */
class Echo implements Protocol {
  steps = 0

  connected(): void {}

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    this.steps++
    out.send(client, chunk)
  }

  disconnected(): void {}

  heldBytes(): number {
    return 0
  }
}

const CLIENTS = 16
const ROUNDS = 20

describe.each([mutexEarlyRelease, channelsBatched].map((pattern) => [pattern.name, pattern] as const))(
  '%s',
  (_, pattern) => {
    it('keeps total order, and leaks nothing', async () => {
      expect(await firstViolation(pattern)).toBeUndefined()
    })

    it('commits what was decided during one commit with the next one', async () => {
      const echo = new Echo()
      const listener = await listen()
      let [committed, commits] = [0, 0]
      await using server = pattern.serve(echo, listener, {
        commit: async () => {
          if (echo.steps === committed) return
          commits++
          committed = echo.steps
          for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
        },
      })
      const clients = Array.from({ length: CLIENTS }, () => connect(portOf(listener), '127.0.0.1'))
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < ROUNDS; round++) {
            client.write('?')
            await once(client, 'data')
          }
        }),
      )
      for (const client of clients) client.destroy()
      expect(server.waits.render()).toBe('nobody waits')
      expect((CLIENTS * ROUNDS) / commits).toBeGreaterThan(4)
    })
  },
)
