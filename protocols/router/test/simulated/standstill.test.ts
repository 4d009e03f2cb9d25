/** A case in which nothing moves any more says why: whether the server is stuck or slow, and who waits for whom. */
import type { Pattern, Resource } from '@switchyard/core'
import { expect, test } from 'vitest'
import { inProcess, runCase } from '@switchyard/conformance'
import { CASES, ROUTER } from '../../suite/index.ts'
import type { Case } from '../../suite/index.ts'
import { simulated } from '@switchyard/simulated'
import { reference } from '../suite/servers/reference.ts'

test.each([inProcess, simulated])('nobody in the server waits for anything: it is idle (%o)', async (targetOf) => {
  expect(await messageOf(targetOf(ROUTER, reference()))).toContain('server: idle: nothing moved between two looks')
})

test('the chain ends at a client that does not read: the server is stuck', async () => {
  const target = inProcess(ROUTER, waiting({ kind: 'reading', client: 9 }))
  const message = await messageOf(target)
  expect(message).toContain('server: stuck: nothing moved between two looks, and the chain of waits ends at client 9')
  expect(message).toContain('server: client 7 waits for lock "sockets", held by client 3, which waits for client 9')
})

test('a deadlock has a name', async () => {
  const lock: Resource = { kind: 'lock', name: 'other', holder: () => ({ kind: 'client', id: 7 }) }
  const message = await messageOf(inProcess(ROUTER, waiting(lock)))
  expect(message).toContain('server: stuck: nothing moved between two looks, and those who wait, wait for each other')
  expect(message).toContain('server: deadlock: client 7 waits for lock "sockets", held by client 3, which waits for')
})

test('bytes that nobody asked for keep moving: the server is slow', async () => {
  const pattern = reference()
  let bytesIn = 0
  const slow: Pattern = {
    ...pattern,
    serve(...given) {
      const server = pattern.serve(...given)
      const shutdown = (): Promise<void> => server.shutdown()
      return {
        statistics: () => ({ ...server.statistics(), bytesIn: bytesIn++ }),
        waits: server.waits,
        shutdown,
        [Symbol.asyncDispose]: shutdown,
      }
    },
  }
  expect(await messageOf(inProcess(ROUTER, slow))).toMatch(/server: slow: between two looks it read \d+ bytes$/m)
})

/** A server in which client 7 waits for a lock of client 3's, and that for something else. */
function waiting(what: Resource): Pattern {
  const pattern = reference()
  return {
    ...pattern,
    serve(...given) {
      const server = pattern.serve(...given)
      const holder = { kind: 'client', id: 3 } as const
      server.waits.begin({ kind: 'client', id: 7 }, { kind: 'lock', name: 'sockets', holder: () => holder })
      server.waits.begin(holder, what)
      return server
    },
  }
}

async function messageOf(target: ReturnType<typeof inProcess>): Promise<string> {
  await using used = target
  const [first] = CASES
  if (!first) throw new Error('the suite is empty')
  const hangs: Case = { ...first, run: async (context) => void (await (await context.connect()).next()) }
  const { verdict, message } = await runCase(ROUTER, used, hangs, { stillMs: 200 })
  expect(verdict).toBe('failed')
  expect(message).toContain('nothing has moved for 200 ms')
  return message
}
