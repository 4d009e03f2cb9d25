/** The world's abuses, in small; each on one of the five in turn, those of signals on all. And that each can be failed. */
import { abusesOf, victimsOf } from '@switchyard/stress/abuse'
import type { Measured, Operated, Victims } from '@switchyard/stress/abuse'
import { describe, expect, it } from 'vitest'
import { PROGRAMS, runAbuse } from '../src/abuse/run.ts'
import { PATTERNS } from '../src/patterns.ts'
import { switchyard } from './switchyard.ts'

const NAMES = PATTERNS.map(({ pattern }) => pattern.name)
const ON_ALL = new Set(['sigterm', 'pause'])

describe('in small', () => {
  const rows = abusesOf('router').flatMap((abuse, i) => {
    const servers = ON_ALL.has(abuse.name) ? NAMES : NAMES.slice(i % NAMES.length, (i % NAMES.length) + 1)
    return servers.map((server) => [server, abuse.name, abuse] as const)
  })
  it.each(rows)(
    '%s bears %s',
    async (server, _, abuse) => {
      const { problems, figures } = await runAbuse(server, 'router', abuse, 'short')
      expect(problems, JSON.stringify(figures)).toEqual([])
    },
    120_000,
  )
})

/** The reactor, which says something else of itself than is so, or is started otherwise. */
function victims(change: {
  readonly measured?: (victim: Measured) => Measured
  readonly operated?: (victim: Operated) => Operated
  readonly descriptorsMax?: number
}): Victims {
  const real = victimsOf('reactor', 'router', PROGRAMS)
  return {
    measured: async (limits) => (change.measured ?? same)(await real.measured(limits)),
    operated: async (limits, { port = 0 } = {}) => {
      const descriptors = change.descriptorsMax === undefined ? {} : { descriptorsMax: change.descriptorsMax }
      return (change.operated ?? same)(await real.operated(limits, { port, ...descriptors }))
    },
  }
}

const same = <One>(one: One): One => one

/** Each question finds so many bytes more held. */
function leaking(victim: Measured): Measured {
  let leakedBytes = 0
  return { ...victim, heldBytes: async () => (await victim.heldBytes()) + (leakedBytes += 5 * 1024 * 1024) }
}

/** One connection more is open than there is. */
function forgetting(victim: Measured): Measured {
  return {
    ...victim,
    statistics: async () => {
      const statistics = await victim.statistics()
      return { ...statistics, connections: { ...statistics.connections, open: statistics.connections.open + 1 } }
    },
  }
}

function operatedAs(victim: Operated, change: Partial<Operated>): Operated {
  return {
    port: victim.port,
    pid: victim.pid,
    ended: victim.ended,
    statistics: () => victim.statistics(),
    closes: () => victim.closes(),
    [Symbol.asyncDispose]: () => victim[Symbol.asyncDispose](),
    ...change,
  }
}

describe('what would be wrong is seen', () => {
  const rows: readonly (readonly [string, string, Victims, RegExp])[] = [
    ['garbage', 'memory that grows', victims({ measured: leaking }), /more are held after the second/],
    ['silence', 'memory that is kept', victims({ measured: leaking }), /are still held when they have left/],
    ['half-open', 'a connection that is kept', victims({ measured: forgetting }), /still held/],
    ['strangers', 'a connection that is kept', victims({ measured: forgetting }), /when all have left, 1 connections/],
    [
      'unfinished-messages',
      'a server without a bound',
      victimsOf('plain', 'router', PROGRAMS),
      /nobody was aborted for it/,
    ],
    [
      'pause',
      'a server without a write deadline',
      victimsOf('plain', 'router', PROGRAMS),
      /was not aborted any more|never made/,
    ],
    ['descriptors', 'descriptors that do not run out', victims({}), /did not run out/],
    [
      'sigterm',
      'messages that were read and did not arrive',
      victims({
        operated: (victim) =>
          operatedAs(victim, {
            closes: () => victim.closes().map((close) => ({ ...close, bytesIn: close.bytesIn + 5_000 })),
          }),
      }),
      /messages were read, \d+ arrived/,
    ],
    [
      'sigterm',
      'another exit code than 0',
      victims({ operated: (victim) => operatedAs(victim, { ended: victim.ended.then(() => 1) }) }),
      /ended with exit code 1/,
    ],
  ]
  it.each(rows)(
    '%s: %s',
    async (name, _, broken, says) => {
      const abuse = abusesOf('router').find((each) => each.name === name)
      const { problems } = (await abuse?.run(broken, 'short')) ?? { problems: [] }
      expect(problems.join('\n')).toMatch(says)
    },
    120_000,
  )
})

it('a chat that leaks is found out', async () => {
  const real = victimsOf('reactor', 'chat', PROGRAMS)
  const abuse = abusesOf('chat').find(({ name }) => name === 'strange-lines')
  const found = await abuse?.run({ ...real, measured: async (limits) => leaking(await real.measured(limits)) }, 'short')
  expect(found?.problems).toEqual([expect.stringMatching(/^\d+ bytes more are held after the second time$/)])
}, 60_000)

describe('switchyard abuse', () => {
  it('says what was done, what came of it, and exits with 0', async () => {
    const { code, stdout } = await switchyard('abuse', 'race', '--only', 'half-open', '--short', '--json')
    expect(JSON.parse(stdout)).toMatchObject([
      { server: 'race', abuse: 'half-open', problems: [], figures: { connections: 100, closedByFin: 100 } },
    ])
    expect(code).toBe(0)
  }, 60_000)

  it('exits with 1 for a server that does not bear it', async () => {
    const { code, stdout } = await switchyard('abuse', 'plain', '--only', 'unfinished-messages', '--short')
    expect(stdout).toMatch(/✗ plain [^]*more was sent than may be held/)
    expect(code).toBe(1)
  }, 60_000)

  it('misuse is a sentence, and exit code 3', async () => {
    const { code, stderr } = await switchyard('abuse', 'race', '--only', 'rudeness')
    expect(stderr).toContain('There is no abuse "rudeness" of a router. There are: garbage')
    expect(code).toBe(3)
  })
})
