/** docs/origins.md says what the code does; and what it says of simulated connections holds over TCP. */
import { readFile } from 'node:fs/promises'
import { DEFAULT_LIMITS } from '@switchyard/core'
import type { Close, Pattern } from '@switchyard/core'
import { inProcess } from '@switchyard/conformance'
import { Client, message, ROUTER } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import { MEASURED, measureOrigins } from '../src/origins/measure.ts'
import { framesIn, originsOf, SITUATIONS } from '../src/origins/situations.ts'
import type { Known } from '../src/origins/situations.ts'

const RECORDED = SITUATIONS.filter((situation) => situation !== 'throw')

it('docs/origins.md is what is measured; `npm run origins` writes it anew', async () => {
  const page = await readFile(new URL('../../../docs/origins.md', import.meta.url), 'utf8')
  expect(page).toBe(await measureOrigins())
})

it('the mutex names sender, destination and cause of every failure, and its stack leads to the loop of the sender', async () => {
  const origins = await originsOf(known('mutex'))
  for (const situation of RECORDED) {
    expect(origins[situation], situation).toMatchObject({ sender: true, destination: true })
    expect(origins[situation].cause, situation).not.toBe('')
  }
  expect(origins.refused).toMatchObject({ stack: ['deliver', 'step', 'run'], context: 'sender' })
})

it('channels name the dispatcher for the sender, in records, waits and stacks', async () => {
  const origins = await originsOf(known('channels'))
  for (const situation of RECORDED) {
    expect(origins[situation].by, situation).toEqual([{ kind: 'task', name: 'the dispatcher' }])
  }
  expect(origins.refused).toMatchObject({ stack: ['deliver', 'dispatch'], context: 'nobody' })
})

it('measuring leaves the process as it was', async () => {
  const limit = Error.stackTraceLimit
  await originsOf(known('mutex'))
  expect(Error.stackTraceLimit).toBe(limit)
})

describe('frames', () => {
  const stack = [
    'Error: write EPIPE',
    '    at Connection.flush (/home/core/src/connection.ts:1:2)',
    '    at deliver (/home/impls/mutex/src/server.ts:66:1)',
    '    at async run (file:///home/impls/dist/mutex/src/server.js:40:7)',
    '    at Immediate.turn [as _onImmediate] (/home/impls/mutex/src/server.ts:5:5)',
    '    at /home/impls/mutex/src/server.ts:1:1',
    '    at read (/home/impls/reactor/src/server.ts:9:9)',
  ].join('\n')

  it('are those with a name in the one file, from source or built', () => {
    expect(framesIn(stack, 'impls/mutex/src/server.ts')).toEqual(['deliver', 'run', 'turn'])
    expect(framesIn(stack, 'impls/race/src/server.ts')).toEqual([])
  })
})

describe('over TCP', () => {
  it.each(MEASURED.slice(0, -1).map((each) => [each.pattern.name, each] as const))(
    '%s records the same of a client that resets while a write waits',
    async (name, subject) => {
      const { reset } = await originsOf(known(name))
      const [by] = reset.by
      expect(await closeOfReset(subject.pattern)).toEqual(
        expect.objectContaining({ reason: 'reset', code: 'ECONNRESET', ...(by && { by }) }),
      )
    },
  )
})

function known(name: string): Known {
  const found = MEASURED.find(({ pattern }) => pattern.name === name)
  if (!found) throw new Error(`nothing is measured of ${name}`)
  return found
}

/** Client 1 sends to client 2, which does not read, until nobody takes anything more; then client 2 resets. */
async function closeOfReset(pattern: Pattern): Promise<Close | undefined> {
  await using target = inProcess(ROUTER, pattern)
  const site = await target.open(DEFAULT_LIMITS)
  const clients: Client[] = []
  for (const name of ['sender', 'destination']) {
    const client = new Client(name, await site.connect())
    await client.admitted()
    clients.push(client)
  }
  const [sender, destination] = clients
  if (!sender || !destination) throw new Error('nobody is there')
  destination.pause()
  const flooded = sender.flood(Array.from({ length: 40_000 }, () => message(destination.id, 'x'.repeat(1000))))
  await site.settled(() => `${sender.bytesSent}`)
  destination.reset()
  sender.resume()
  let close: Close | undefined
  await new Promise<void>((seen) => {
    const stop = site.everyTurn?.(() => {
      close = site.statistics?.().lastCloses.find(({ client }) => client === destination.id)
      if (!close) return
      stop?.()
      seen()
    })
  })
  sender.destroy()
  await flooded
  await site.release(true)
  return close
}
