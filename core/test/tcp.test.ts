import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { listen, portOf } from '../src/tcp/listen.ts'

const SOCKETS = '/proc/net/tcp'

const servers: Server[] = []

async function listening(...options: Parameters<typeof listen>): Promise<Server> {
  const server = await listen(...options)
  servers.push(server)
  return server
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

describe('a TCP listener', () => {
  test('listens on loopback, on a free port, before it is handed over', async () => {
    const server = await listening()
    expect(server.listening).toBe(true)
    expect(server.address()).toMatchObject({ address: '127.0.0.1' })
    expect(portOf(server)).toBeGreaterThan(0)
  })

  test('listens where it is told to', async () => {
    const port = portOf(await listening())
    servers.pop()?.close()
    expect(portOf(await listening({ host: '127.0.0.1', port }))).toBe(port)
  })

  test('rejects with the error of the operating system, and leaves later errors to others', async () => {
    const first = await listening()
    await expect(listen({ port: portOf(first) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(first.listenerCount('error')).toBe(0)
  })

  test('brings sockets as patterns want them: half open, and no chunk ahead of the one that is asked for', async () => {
    const server = await listening()
    const client = connect(portOf(server), '127.0.0.1')
    const socket = await new Promise<Socket>((resolve) => server.once('connection', resolve))
    expect(socket.allowHalfOpen).toBe(true)
    expect(socket.readableHighWaterMark).toBe(0)
    client.destroy()
    socket.destroy()
  })

  // Of Linux's table of sockets, `tr:tm->when`: timer 02 is keep-alive, its time in hundredths of a second.
  test.skipIf(!existsSync(SOCKETS))('asks a client that is idle for a minute whether it is still there', async () => {
    const server = await listening()
    const port = portOf(server)
    const client = connect(port, '127.0.0.1')
    const socket = await new Promise<Socket>((resolve) => server.once('connection', resolve))
    const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
    const rows = readFileSync(SOCKETS, 'utf8')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
    const row = rows.find(
      ([, local, peer, state]) => local?.endsWith(own) && !peer?.endsWith(':0000') && state === '01',
    )
    const [timer, when] = row?.[5]?.split(':') ?? []
    expect(timer).toBe('02')
    expect(Number.parseInt(when ?? '', 16)).toBeLessThanOrEqual(6_000)
    client.destroy()
    socket.destroy()
  })

  test('that is closed has no port', async () => {
    const server = await listening()
    server.close()
    expect(() => portOf(server)).toThrow(TypeError)
  })
})
