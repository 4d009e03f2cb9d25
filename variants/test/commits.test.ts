/** Variants that wait for a disk: on one that the schedule decides about, they keep total order, leak nothing, and share syncs. */
import { withOutbox } from '@switchyard/core'
import type { Pattern, Random } from '@switchyard/core'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { Committed } from '@switchyard/simulated'
import { explore, inTurn, startOf } from '@switchyard/sim'
import type { Mode, Violation } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { channelsBatched, mutexEarlyRelease } from '../src/index.ts'

const RUNS: Mode = { kind: 'random', from: 1, to: 120 }
const TEST_MS = 60_000

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

/** `pattern`, of which it is counted how many steps it takes and how many commits it waits for. */
function counted(pattern: Pattern): { readonly pattern: Pattern; steps: number; commits: number } {
  const counts = {
    steps: 0,
    commits: 0,
    pattern: {
      ...pattern,
      serve: (protocol, listener, { commit, ...options } = {}) => {
        if (!commit) return pattern.serve(protocol, listener, options)
        const stepping = withOutbox(protocol, (out) => {
          counts.steps++
          return out
        })
        const counting = (): Promise<void> | undefined => {
          const committed = commit()
          if (committed) counts.commits++
          return committed
        }
        return pattern.serve(stepping, listener, { ...options, commit: counting })
      },
    } satisfies Pattern,
  }
  return counts
}

describe.each([mutexEarlyRelease, channelsBatched].map((pattern) => [pattern.name, pattern] as const))(
  '%s',
  (_, pattern) => {
    it(
      'keeps total order, leaks nothing, and commits several steps at once',
      async () => {
        const counts = counted(pattern)
        expect(await firstViolation(counts.pattern)).toBeUndefined()
        expect(counts.steps / counts.commits).toBeGreaterThan(1.1) // With one commit for each step it is 1.
      },
      TEST_MS,
    )
  },
)
