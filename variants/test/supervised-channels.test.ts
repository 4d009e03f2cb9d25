/** A dispatcher that crashes, and comes back with its connections. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { ClientId, Close, Outbox, Protocol, Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { afterEach, expect, it } from 'vitest'
import { supervisedChannels } from '../src/index.ts'

/** Each chunk goes to all others; an exclamation mark is more than it can bear, in whichever step. */
class Megaphone implements Protocol {
  readonly #members = new Set<ClientId>()
  readonly #loud = new Set<ClientId>()

  connected(client: ClientId): void {
    this.#members.add(client)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const text = new TextDecoder().decode(chunk)
    if (text.includes('?')) this.#loud.add(client)
    for (const member of this.#members) if (member !== client) out.send(member, chunk)
    if (text.includes('!')) throw new Error('too loud')
  }

  disconnected(client: ClientId): void {
    this.#members.delete(client)
    if (this.#loud.has(client)) throw new Error('gone with a bang')
  }

  heldBytes(): number {
    return 0
  }
}

const servers: Server[] = []
const clients: Socket[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const server of servers.splice(0)) await server.shutdown()
})

/** The first three, for tests in which they have roles. */
function three([a, b, c]: readonly Socket[]): readonly [Socket, Socket, Socket] {
  if (!a || !b || !c) throw new Error('three clients are needed')
  return [a, b, c]
}

async function serve(count: number, closed?: (close: Close) => void): Promise<{ server: Server; sockets: Socket[] }> {
  const listener = await listen()
  const server = supervisedChannels.serve(new Megaphone(), listener, { ...(closed && { journal: { closed } }) })
  servers.push(server)
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const socket = connect(portOf(listener))
    clients.push(socket)
    await once(socket, 'connect')
    sockets.push(socket)
  }
  return { server, sockets }
}

/** What a socket hears until it has heard so many characters. */
async function heard(socket: Socket, length: number): Promise<string> {
  let text = ''
  while (text.length < length) text += String((await once(socket, 'data'))[0])
  return text
}

it('closes the one client whose chunk is lost, tells why, and goes on with all others', async () => {
  const closes: Close[] = []
  const { sockets } = await serve(3, (close) => closes.push(close))
  const [a, b, c] = three(sockets)
  b.write('hello')
  expect(await heard(c, 5)).toBe('hello')
  a.resume()
  a.write('boom!')
  expect(await heard(c, 5)).toBe('boom!')
  await once(a, 'close')
  b.write('still here')
  expect(await heard(c, 10)).toBe('still here')
  expect(closes.map(({ client, reason, why }) => [client, reason, why])).toEqual([
    [1, 'protocol-close', 'its step failed: Error: too loud'],
  ])
})

it('closes in order a client whose last step throws', async () => {
  const { sockets } = await serve(3)
  const [a, b] = three(sockets)
  a.resume()
  a.end('why?')
  expect(await heard(b, 4)).toBe('why?')
  await once(a, 'close')
})

it('ends a shutdown in which every last step throws', async () => {
  const { server, sockets } = await serve(3)
  for (const socket of sockets) socket.write('?')
  await Promise.all(sockets.map((socket) => heard(socket, 2)))
  for (const socket of sockets) socket.resume()
  await server.shutdown()
  expect(server.statistics().connections.open).toBe(0)
})

it('crashes the process, with the error of the protocol, when it throws again and again', async () => {
  const { sockets } = await serve(12)
  servers.pop()
  // Whoever runs the tests listens too; this crash is not theirs.
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  try {
    const crash = new Promise((resolve) => process.once('uncaughtException', resolve))
    for (const socket of sockets) socket.resume().write('!')
    expect(await crash).toEqual(new Error('too loud'))
  } finally {
    for (const listener of others) process.on('uncaughtException', listener)
  }
})
