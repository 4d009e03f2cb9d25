import { existsSync, readFileSync } from 'node:fs'
import { connect, Socket } from 'node:net'
import type { Server } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { listen, portOf, roleByAddress } from '../src/tcp/listen.ts'
import type { Listener } from '../src/protocol.ts'

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

  test('gives connections the role that it was told to, and otherwise none', async () => {
    const told: Listener = await listening({ roleOf: () => 'operator' })
    const others: Listener = await listening()
    expect(told.roleOf?.(new Socket())).toBe('operator')
    expect(others.roleOf?.(new Socket())).toBeUndefined()
  })

  test.each([
    ['127.0.0.1', '127.0.0.1', 'client'],
    ['127.9.8.7', '127.0.0.1', 'client'],
    ['::1', '::1', 'client'],
    ['::ffff:127.0.0.1', '::ffff:127.0.0.1', 'client'],
    ['192.0.2.1', '192.0.2.1', 'client'],
    ['192.0.2.2', '192.0.2.1', 'remote'],
    ['2001:db8::127.1', '::1', 'remote'],
    [undefined, undefined, 'remote'],
  ])('by its address, a peer at %s of a server at %s is a %s', (remoteAddress, localAddress, role) => {
    const socket = new Socket()
    Object.defineProperties(socket, { remoteAddress: { value: remoteAddress }, localAddress: { value: localAddress } })
    expect(roleByAddress(socket)).toBe(role)
    expect(roleByAddress(new PassThrough())).toBe('remote')
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
