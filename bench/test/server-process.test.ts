import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { ServerFailed, startServer } from '@switchyard/harness'
import { listening, PARENT, TINY_SERVER, tinyServer } from './support.ts'

const PATIENCE = { timeout: 20_000, interval: 20 }

describe('a server process', () => {
  it('answers for itself, and ends when it is stopped, once or twice', async () => {
    const server = await tinyServer('goes-on')
    const before = await server.cpu()
    const memory = await server.memory()
    const after = await server.cpu()
    expect(await server.waits()).toBe('nobody waits')
    expect((await server.statistics()).connections).toEqual({ open: 0, accepted: 0, refused: 0 })
    expect(memory.heldBytes).toBe(memory.heapUsedBytes + memory.externalBytes)
    expect(memory.youngBytes).toBeGreaterThan(0)
    expect(memory.rssBytes).toBeGreaterThan(memory.youngBytes)
    expect(after.cpuMicros).toBeGreaterThan(before.cpuMicros)
    expect(after.atMs).toBeGreaterThan(before.atMs)
    await Promise.all([server.stop(), server.stop()])
    await server.stop()
    expect(await server.ended).toBe('ended with exit code 0')
  })

  it('answers each of several questions at a time', async () => {
    await using server = await tinyServer('goes-on')
    const [waits, cpu, again] = await Promise.all([server.waits(), server.cpu(), server.waits()])
    expect([waits, again]).toEqual(['nobody waits', 'nobody waits'])
    expect(cpu.cpuMicros).toBeGreaterThan(0)
  })

  it('has no figures once it is gone, and says how it went', async () => {
    const server = await tinyServer('goes-on')
    const asked = server.ended.then(() => server.statistics())
    await server.kill()
    await expect(asked).rejects.toThrow(new ServerFailed('the server process was ended by SIGKILL'))
  })

  it('is killed if it does not shut down in time', async () => {
    const server = await tinyServer('never-ends', { graceMs: 1 })
    await server.stop()
    expect(await server.ended).toBe('was ended by SIGKILL')
  })

  it('that fails to start is an error with its last words', async () => {
    const starting = startServer({ module: TINY_SERVER, args: ['fails-to-start', 'that'] })
    await expect(starting).rejects.toThrow(
      /^the server process ended with exit code 1 after it wrote:[^]*no such luck with that/,
    )
    await expect(starting).rejects.toMatchObject({ name: 'ServerFailed', code: 'server-failed' })
  })

  it('that does not exist is an error that names it', async () => {
    await expect(startServer({ module: new URL('nobody.mjs', TINY_SERVER) })).rejects.toThrow(
      /Cannot find module.*nobody\.mjs/,
    )
  })

  it('is not started with limits out of range', async () => {
    await expect(tinyServer('goes-on', { graceMs: 0 })).rejects.toThrow(RangeError)
  })
})

describe('when the parent is killed', () => {
  it.each(['server', 'peer'])('its %s ends', async (role) => {
    const parent = fork(PARENT, [role], { execArgv: [] })
    const [message]: { port: number }[] = await once(parent, 'message')
    const port = message?.port ?? 0
    expect(await connects(port)).toBe(true)
    parent.kill('SIGKILL')
    await vi.waitFor(async () => expect(await connects(port)).toBe(false), PATIENCE)
  })

  it('its load generator ends', async () => {
    await using server = await listening((socket) => socket.resume())
    const parent = fork(PARENT, ['generator', String(server.port)], { execArgv: [] })
    await vi.waitFor(() => expect(server.sockets.size).toBe(4), PATIENCE)
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(server.sockets.size).toBe(0), PATIENCE)
  })
})

async function connects(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false // Nobody listens there.
  } finally {
    socket.destroy()
  }
}
