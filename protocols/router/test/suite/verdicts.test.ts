import dns from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { describe, expect, test, vi } from 'vitest'
import { address, Failed, inProcess, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { CaseResult, Report, Target } from '@switchyard/conformance'
import type { Case } from '@switchyard/protocols/router/suite'
import { reference } from './servers/reference.ts'

/** Far below what a run of the suite takes. */
const SECONDS = 6_000

describe('a server that is of no use', () => {
  test(
    'closes every connection: R1.2 has failed, and nothing else was run',
    async () => {
      const { overall, summary, results } = await judge((socket) => socket.destroy())
      expect(overall).toBe('failed')
      expect(summary).toMatch(/^127\.0\.0\.1:\d+ closes every connection \((fin|reset)\) without sending its id$/)
      expect(results.filter(({ verdict }) => verdict === 'failed').map(({ clause }) => clause)).toEqual(['R1.2'])
      expect(results.filter(({ verdict }) => verdict === 'not-run')).toHaveLength(CASES.length - 1)
      expect(results[0]?.message).toContain('not run: ')
    },
    SECONDS,
  )

  test(
    'never answers: R1.2 has failed',
    async () => {
      const { overall, summary, results } = await judge(() => {})
      expect(overall).toBe('failed')
      expect(summary).toMatch(/accepts connections, but sent no id within 2.5 s$/)
      expect(results.filter(({ verdict }) => verdict === 'failed').map(({ clause }) => clause)).toEqual(['R1.2'])
    },
    SECONDS,
  )

  test(
    'closes in the middle of an id: R1.2 has failed',
    async () => {
      const { overall, summary } = await judge((socket) => socket.end('abc'))
      expect(overall).toBe('failed')
      expect(summary).toContain('in the middle of the id, after 61 62 63  "abc"')
    },
    SECONDS,
  )

  test(
    'is not there: undecided',
    async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      const port = portOf(server)
      server.close()
      await once(server, 'close')
      const { overall, summary, results } = await verify(ROUTER, address('127.0.0.1', port))
      expect(overall).toBe('undecided')
      expect(summary).toContain(`nothing answers at 127.0.0.1:${port}`)
      expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['undecided']))
    },
    SECONDS,
  )
})

describe('a server elsewhere', () => {
  test('of which no address answers is told of with the reason of each', async () => {
    const twoAddresses = vi.spyOn(dns, 'lookup').mockImplementation((_name: string, ...rest: readonly unknown[]) => {
      const found = rest.at(-1)
      if (typeof found !== 'function') throw new TypeError('no callback')
      found(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])
    })
    try {
      const { summary } = await verify(ROUTER, address('two-addresses', 1), { cases: [someCase()] })
      expect(summary).toBe(
        'nothing answers at two-addresses:1: connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED ::1:1',
      )
    } finally {
      twoAddresses.mockRestore()
    }
  })

  test('is judged by what needs no more than connections', async () => {
    const { results } = await judge(
      (socket) => socket.end('\0\0\0\0'),
      [someCase(), ...CASES.filter(({ clause }) => clause === 'R5.2')],
    )
    expect(results.map(({ verdict }) => verdict)).toEqual(['failed', 'not-applicable', 'not-applicable'])
    expect(results[1]?.message).toBe('needs limits')
  })
})

describe('declared failures', () => {
  const fault = 'forwards the id'
  const cases = CASES.filter(({ clause }) => clause === 'R1.4' || clause === 'R1.2')

  test('that fail are no failures', async () => {
    const report = await verify(ROUTER, inProcess(ROUTER, reference(fault, { fails: ['R1.4', 'R1.2'] })), {
      cases,
      stillMs: 1_000,
    })
    expect(verdicts(report)).toContain('failed-as-declared')
    expect(verdicts(report)).not.toContain('failed')
    expect(report.overall).toBe('passed')
  })

  test('of other clauses excuse nothing', async () => {
    const report = await verify(ROUTER, inProcess(ROUTER, reference(fault, { fails: ['R1.2'] })), {
      cases,
      stillMs: 1_000,
    })
    expect(report.overall).toBe('failed')
    expect(report.unexpectedPasses).toEqual([])
  })

  test('that pass are failures of the declaration', async () => {
    const report = await verify(ROUTER, inProcess(ROUTER, reference('none', { fails: ['R1.4'] })), { cases })
    expect(verdicts(report)).toEqual(['passed'])
    expect(report.unexpectedPasses).toEqual(['R1.4'])
    expect(report.overall).toBe('failed')
  })

  test('of clauses that do not exist are misuse', async () => {
    await expect(verify(ROUTER, inProcess(ROUTER, reference('none', { fails: ['R9.9'] })))).rejects.toThrow(
      'there is no clause R9.9',
    )
  })
})

describe('a case', () => {
  test('in which nothing moves any more fails, and says what it awaited', async () => {
    const stuck: Case = {
      ...someCase(),
      async run(context) {
        const client = await context.connect('alice')
        await client.sendMessage(client, 'half')
        await client.bytes(9)
      },
    }
    const [result] = await resultsOf(stuck)
    expect(result?.verdict).toBe('failed')
    expect(result?.message).toContain('nothing has moved for 300 ms')
    expect(result?.message).toContain('alice awaits 9 bytes; 9 bytes came, not taken: 68 61 6c 66 00  "half."')
    expect(result?.message).toContain('server: nobody waits')
  })

  test('that finds other bytes shows both, from about where they differ', async () => {
    const wrong: Case = {
      ...someCase(),
      async run(context) {
        const client = await context.connect('alice')
        await client.sendMessage(client, 'a long greeting')
        await client.expect('a long meeting')
      },
    }
    const [result] = await resultsOf(wrong)
    expect(result?.message).toContain(
      [
        'expected 14 bytes, received 15; they differ at byte 7',
        '  expected from byte 3  6f 6e 67 20 6d 65 65 74 69 6e 67  "ong meeting"',
        '  received from byte 3  6f 6e 67 20 67 72 65 65 74 69 6e 67  "ong greeting"',
        '  they differ here                  ^^',
      ].join('\n'),
    )
  })

  test('that leaves something held has failed, however it went', async () => {
    const report = await verify(ROUTER, inProcess(ROUTER, reference('keeps what it held for a client that resets')), {
      cases: CASES.filter(({ name }) => name.startsWith('a destination that resets')),
    })
    expect(report.results[0]?.message).toContain('after its end the server still counts 0 connections, and bytes held')
  })

  test('with a fault of its own fails with the stack', async () => {
    const faulty: Case = { ...someCase(), run: () => Promise.reject(new TypeError('not a function')) }
    const [result] = await resultsOf(faulty)
    expect(result?.verdict).toBe('failed')
    expect(result?.message).toContain('TypeError: not a function')
  })

  test('that draws random numbers says from which seed, and draws the same ones from it', async () => {
    const drawn: number[] = []
    const random: Case = {
      ...someCase(),
      run: (context) => {
        drawn.push(context.random.integer(0, 1e6))
        return Promise.reject(new Failed('as it must', 'wrong-value'))
      },
    }
    const target = inProcess(ROUTER, reference())
    for (const seed of [5, 5, 6]) {
      const [result] = (await verify(ROUTER, target, { cases: [random], seed })).results
      expect(result?.message).toContain(`as it must\n  seed: ${seed}`)
    }
    expect(drawn[1]).toBe(drawn[0])
    expect(drawn[2]).not.toBe(drawn[0])
  })

  test('that the end of the run cuts short has no verdict', async () => {
    const end = new AbortController()
    const endless: Case = {
      ...someCase(),
      async run(context) {
        const client = await context.connect()
        end.abort()
        await client.next()
      },
    }
    const report = await verify(ROUTER, inProcess(ROUTER, reference()), { cases: [endless], signal: end.signal })
    expect(verdicts(report)).toEqual(['not-run'])
  })

  test('is not run once the run has been ended', async () => {
    const report = await verify(ROUTER, inProcess(ROUTER, reference()), { signal: AbortSignal.abort() })
    expect(verdicts(report)).toEqual(['not-run'])
    expect(report.overall).toBe('undecided')
  })
})

test('results come in the order of the cases, also when several run at a time', async () => {
  const cases = CASES.filter(({ clause }) => clause.startsWith('R1'))
  const seen: string[] = []
  const report = await verify(ROUTER, inProcess(ROUTER, reference()), {
    cases,
    concurrency: 4,
    onProgress: (each) => void seen.push(each.case),
  })
  expect(report.results.map((each) => each.case)).toEqual(cases.map(({ id }) => id))
  expect(seen.toSorted()).toEqual(cases.map(({ id }) => id).toSorted())
})

/** The verdict on a server that does `accept` to each connection. */
async function judge(accept: (socket: Socket) => void, cases: readonly Case[] = CASES): Promise<Report> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // The suite may leave as it likes.
    accept(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await verify(ROUTER, address('127.0.0.1', portOf(server)), { cases, stillMs: 1_000 })
  } finally {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

async function resultsOf(...cases: Case[]): Promise<readonly CaseResult[]> {
  return (await verify(ROUTER, inProcess(ROUTER, reference()), { cases, stillMs: 300 })).results
}

function verdicts({ results: all }: Report): string[] {
  return [...new Set(all.map(({ verdict }) => verdict))]
}

function someCase(): Case {
  const [first] = CASES
  if (!first) throw new Error('the suite is empty')
  return first
}

test('a run that is ended waits for no server that does not come up', async () => {
  const ending = new AbortController()
  const target: Target = {
    name: 'never there',
    offers: ['wire'],
    open: () => {
      queueMicrotask(() => ending.abort())
      return new Promise(() => {})
    },
    async [Symbol.asyncDispose]() {},
  }
  const { overall, summary } = await verify(ROUTER, target, { signal: ending.signal })
  expect([overall, summary]).toEqual(['undecided', 'the run was ended'])
})
