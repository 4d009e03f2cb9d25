/** The five behind a proxy that breaks connections, in short, and servers that must not come through. */
import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { Listener, Pattern, Protocol, Server, ServeOptions, StatisticsSnapshot } from '@switchyard/core'
import { reactor } from '@switchyard/impls/reactor'
import { describe, expect, it } from 'vitest'
import { SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { routedFaults, scriptedFaults } from '@switchyard/stress/faults'
import { runSeeds } from '../src/faults/run.ts'
import type { Faults } from '../src/faults/run.ts'
import { known } from '../src/mutants.ts'
import { PATTERNS } from '../src/patterns.ts'
import { switchyard } from './switchyard.ts'

const SEEDS = 10
const ROUTED: Faults = { protocol: 'router', planOf: routedFaults }

describe('the five', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    `%s: in ${SEEDS} seeds nobody else notices, what is owed arrives, and the ledger balances`,
    async (_, subject) => {
      const { failures, seeds, ledger } = await runSeeds(subject, ROUTED, { from: 1, count: SEEDS }, () => {})
      expect(failures).toEqual([])
      expect(seeds.count).toBe(SEEDS)
      const { decided, handedOver, notConnected, aborted } = ledger
      expect(handedOver.count + notConnected.count + aborted.count).toBe(decided.count)
      expect(handedOver.bytes + notConnected.bytes + aborted.bytes).toBe(decided.bytes)
      // Else the seeds would show nothing.
      for (const { count } of [handedOver, notConnected, aborted]) expect(count).toBeGreaterThan(0)
    },
    60_000,
  )
})

interface Break {
  readonly what: string
  readonly pattern: Pattern
  readonly says: RegExp
}

const BREAKS: readonly Break[] = [
  {
    what: 'forgets what an abort discarded',
    pattern: counting((counts) => ({
      ...counts,
      drops: { ...counts.drops, aborted: { sends: 0, bytes: 0 } },
    })),
    says: /neither handed over nor dropped/,
  },
  {
    what: 'does not count drops',
    pattern: counting((counts) => ({ ...counts, drops: { ...counts.drops, 'not-connected': { sends: 0, bytes: 0 } } })),
    says: /neither handed over nor dropped/,
  },
  {
    what: 'says that it handed over a byte more',
    pattern: counting((counts) => ({ ...counts, bytesOut: counts.bytesOut + 1 })),
    says: /more were handed over or dropped than the protocol sent/,
  },
  {
    what: 'leaves a message out of its count',
    pattern: counting((counts) => ({ ...counts, decided: { ...counts.decided, sends: counts.decided.sends - 1 } })),
    says: /the server counts/,
  },
  {
    what: 'does not count a close',
    pattern: counting((counts) => ({ ...counts, lastCloses: counts.lastCloses.slice(1) })),
    says: /was not counted/,
  },
  {
    what: 'keeps memory after its end',
    pattern: counting((counts) => ({ ...counts, held: { ...counts.held, total: counts.held.total + 1 } })),
    says: /after its end the server holds/,
  },
  {
    what: 'loses a chunk now and then',
    pattern: receiving((chunk, count) => (count % 10 === 0 ? new Uint8Array(0) : chunk)),
    says: /expected message|did not come/,
  },
  {
    what: 'takes one who has nothing to do with it down with a reset',
    pattern: accepting((sockets) => {
      for (const { on } of sockets.slice(-1)) on('close', () => sockets[0]?.destroy())
    }),
    says: /lost its connection/,
  },
  {
    what: 'destroys at a FIN',
    pattern: accepting((sockets) => {
      for (const { on, destroy } of sockets.slice(-1)) on('end', destroy)
    }),
    says: /was not closed in order/,
  },
]

describe('a server that', () => {
  it.each(BREAKS.map((each) => [each.what, each] as const))(
    '%s does not come through',
    async (_, { pattern, says }) => {
      const { failures } = await runSeeds({ pattern, file: '' }, ROUTED, { from: 1, count: 2 * SEEDS }, () => {})
      expect(failures.flatMap(({ problems }) => problems).join('\n')).toMatch(says)
      expect(failures[0]?.replay).toMatch(/switchyard faults .* --seed \d+ --seeds 1/)
    },
    120_000,
  )

  it('stands still is told from one that is slow: the mutant that forgets to arm is found', async () => {
    const subject = known('reactor-forgets-to-arm')
    const { failures } = await runSeeds(subject, ROUTED, { from: 1, count: 2 * SEEDS }, () => {})
    expect(failures[0]?.problems.join('\n')).toMatch(/did not come; .* of \d+/)
  }, 120_000)
})

const CHATTING: Faults = { protocol: 'chat', planOf: (seed) => scriptedFaults(SIMULATED_CHAT, seed) }

describe('another protocol, whose clients say what they say in simulation', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    '%s: nobody else notices, and what is owed arrives',
    async (_, subject) => {
      const { failures, ledger } = await runSeeds(subject, CHATTING, { from: 1, count: 3 }, () => {})
      expect(failures).toEqual([])
      expect(ledger.handedOver.count).toBeGreaterThan(0)
    },
    60_000,
  )

  it.each([
    ['loses a chunk', receiving((chunk, count) => (count === 3 ? new Uint8Array(0) : chunk)), /did not come/],
    ['sends other bytes', sending((byte) => byte ^ 1), /received other bytes/],
    ['loses what it sends', sending(() => undefined), /neither handed over nor dropped|the server counts/],
  ])('a server that %s does not come through', { timeout: 60_000 }, async (_, pattern, says) => {
    const { failures } = await runSeeds({ pattern, file: '' }, CHATTING, { from: 1, count: 1 }, () => {})
    expect(failures.flatMap(({ problems }) => problems).join('\n')).toMatch(says)
    expect(failures[0]?.replay).toBe('switchyard faults broken --protocol chat --seed 1 --seeds 1')
  })

  it('is refused where one server is not what is simulated', async () => {
    const { code, stderr } = await switchyard('faults', '--protocol', 'mux')
    expect([code, stderr]).toEqual([2, expect.stringContaining('In simulation the servers of mux are several')])
  })
})

describe('switchyard faults', () => {
  it('runs seeds, says how many balance, and exits with 0', async () => {
    const { code, stdout } = await switchyard('faults', 'mutex', '--seeds', '2')
    expect(stdout).toMatch(/mutex +2 +2 /)
    expect(stdout).toContain('Closes: ')
    expect(code).toBe(0)
  })

  it('exits with 1 for a server that fails, and says how to see it again', async () => {
    const { code, stdout } = await switchyard('faults', 'race-loses-bytes', '--seeds', '3', '--json')
    const [row]: { failures: { replay: string; plan: string }[] }[] = JSON.parse(stdout)
    expect(row?.failures[0]?.replay).toMatch(/^switchyard faults race-loses-bytes --seed \d+ --seeds 1$/)
    expect(row?.failures[0]?.plan).toMatch(/alice sends bob/)
    expect(code).toBe(1)
  })

  it('prints the plan of a seed, the same each time, and runs nothing', async () => {
    const [one, other] = [
      await switchyard('faults', '--seed', '17', '--plan'),
      await switchyard('faults', '--seed', '17', '--plan'),
    ]
    expect(one.stdout).toMatch(/^seed 17, healed at \d+ ms\n/)
    expect(other.stdout).toBe(one.stdout)
  })

  it.each([
    [['--seeds', '0'], '--seeds is "0": it must be a whole number from 1 to'],
    [['--seed', 'x'], '--seed is "x": it must be'],
    [['mutx'], 'Did you mean "mutex"?'],
  ])('%j is misuse', async (args, sentence) => {
    const { code, stderr } = await switchyard('faults', ...args)
    expect(stderr).toContain(sentence)
    expect(code).toBe(3)
  })
})

function broken(serve: Pattern['serve']): Pattern {
  return { ...reactor, name: 'broken', serve }
}

/** The reactor, with other statistics than it has. */
function counting(change: (counts: StatisticsSnapshot) => StatisticsSnapshot): Pattern {
  return broken((protocol, listener, options): Server => {
    const server = reactor.serve(protocol, listener, options)
    return { ...server, statistics: () => change(server.statistics()) }
  })
}

/** The reactor, whose protocol gets other chunks than came. */
function receiving(change: (chunk: Uint8Array, count: number) => Uint8Array): Pattern {
  return broken((protocol: Protocol, listener: Listener, options?: ServeOptions) => {
    let count = 0
    const deaf = forwardingProtocol(protocol, {
      received: (client, chunk, out) => protocol.received(client, change(chunk, ++count), out),
    })
    return reactor.serve(deaf, listener, options)
  })
}

/** The reactor, whose outbox puts other bytes on the way, or none. */
function sending(change: (byte: number) => number | undefined): Pattern {
  return broken((protocol, listener, options) => {
    const altered = withOutbox(protocol, (out) =>
      forwardingOutbox(out, {
        send(to, bytes, start = 0, end = bytes.length) {
          const changed = [...bytes.subarray(start, end)].map(change).filter((byte) => byte !== undefined)
          if (changed.length > 0) out.send(to, Uint8Array.from(changed))
        },
      }),
    )
    return reactor.serve(altered, listener, options)
  })
}

interface Tampered {
  readonly on: (event: 'close' | 'end', then: () => void) => void
  readonly destroy: () => void
}

/** The reactor, whose sockets somebody tampers with: `tamper` sees all, with each new one at the end. */
function accepting(tamper: (sockets: readonly Tampered[]) => void): Pattern {
  return broken((protocol, listener, options) => {
    const sockets: Tampered[] = []
    listener.on('connection', (socket) => {
      sockets.push({ on: (event, then) => void socket.on(event, then), destroy: () => void socket.destroy() })
      tamper(sockets)
    })
    return reactor.serve(protocol, listener, options)
  })
}
