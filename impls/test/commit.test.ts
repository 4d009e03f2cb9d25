/** Between deciding and delivering, on every pattern: what is not committed does not leave, and how many steps share a commit. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'

/** Greets, and answers a chunk with a chunk. */
class Echo implements Protocol {
  steps = 0

  connected(client: ClientId, out: Outbox): void {
    out.send(client, Uint8Array.of(0x68))
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    this.steps++
    out.send(client, chunk)
  }

  disconnected(): void {}

  heldBytes(): number {
    return 0
  }
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'data')
  return socket
}

const CLIENTS = 16
/** Steps per commit where so many clients speak at once: 1 with a lock, or with one event at a time. */
const SHARES: Readonly<Record<string, number>> = { 'channel-per-writer': 4, race: 4, reactor: 4 }

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (name, pattern) => {
  const echo = new Echo()
  const listener = await listen()
  let uncommitted = 0
  let commits = 0
  let ended: (() => void) | undefined
  await using server = pattern.serve(echo, listener, {
    commit: () => {
      if (echo.steps === uncommitted) return undefined
      expect(ended, 'no commit begins while one is under way').toBeUndefined()
      commits++
      uncommitted = echo.steps
      return new Promise((resolve) => {
        ended = () => {
          ended = undefined
          resolve()
        }
      })
    },
  })
  const clients: Socket[] = []
  for (let client = 0; client < CLIENTS; client++) clients.push(await dial(portOf(listener)))
  const answers: Socket[] = []
  for (const client of clients) {
    client.on('data', () => {
      answers.push(client)
      expect(answers.length, 'answers that are not committed').toBeLessThanOrEqual(committed)
    })
    client.write('?')
  }
  let committed = 0
  while (answers.length < CLIENTS) {
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve))
    if (ended) committed = uncommitted
    ended?.()
  }
  expect(server.waits.render()).toBe('nobody waits')
  expect(CLIENTS / commits).toBeGreaterThanOrEqual(SHARES[name] ?? 1)
  if (!SHARES[name]) expect(commits).toBe(CLIENTS)
  for (const client of clients) client.destroy()
})
