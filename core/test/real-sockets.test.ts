/** What only a kernel can show: FIN, resets, what is lost and what arrives. Time stands still; every wait is for an event. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../src/clock.ts'
import type { Connection } from '../src/connection/connection.ts'
import { Connections } from '../src/connections.ts'
import type { Protocol, ServeOptions } from '../src/protocol.ts'
import { listen, portOf } from '../src/tcp/listen.ts'
import { commands, driveByEdges, Toy } from './smallest-server.ts'
import { bytesOf, clause, expectBytes, KiB, ticks } from './support.ts'

const cleanups: (() => void)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** Looks once a turn. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await ticks()
}

const silent: Protocol = { connected() {}, received() {}, disconnected() {}, heldBytes: () => 0 }

interface Pair {
  readonly connections: Connections
  readonly connection: Connection
  readonly client: Socket
}

/** One connection to `server` of which nothing is read, written or closed unless a test does it. */
async function pairOn(
  server: Server,
  to: { port: number } | { path: string },
  options: ServeOptions = {},
): Promise<Pair> {
  cleanups.push(() => server.close())
  const accepted: Connection[] = []
  const connections = new Connections(
    silent,
    server,
    { clock: new ManualClock(), ...options },
    { accepted: (connection) => void accepted.push(connection) },
  )
  const client = connect({ ...to, allowHalfOpen: true })
  cleanups.push(() => client.destroy())
  client.on('error', () => {}) // What it comes to is asked of `close`.
  await Promise.all([once(client, 'connect'), until(() => accepted.length > 0)])
  const connection = accepted.at(-1)!
  connections.connected(connection)
  return { connections, connection, client }
}

async function pair(options: ServeOptions = {}): Promise<Pair> {
  const server = await listen()
  return pairOn(server, { port: portOf(server) }, options)
}

function closesOf({ connections }: Pair): readonly string[] {
  return connections.statistics().lastCloses.map(({ reason }) => reason)
}

describe('reading', () => {
  clause(
    'R5.4',
    'plus one read (64 KiB)',
    'more is not taken from the kernel than one read that nobody asked for',
    async () => {
      const { connection, client } = await pair()
      client.write(bytesOf(1024 * KiB))
      await until(() => connection.socketBytes > 0)
      for (let turn = 0; turn < 50; turn++) await ticks()
      expect(connection.socketBytes).toBeLessThanOrEqual(64 * KiB)
    },
  )

  clause(
    'R5.6',
    'beyond the bound there may be one read, 64 KiB, for each connection that was being read',
    'and so many there are where all send at once, but no more',
    async () => {
      const server = await listen()
      cleanups.push(() => server.close())
      const all: Connection[] = []
      const heldBytesMax = 256 * KiB
      const connections = new Connections(
        silent,
        server,
        { clock: new ManualClock(), heldBytesMax, queuedBytesMax: 64 * KiB, messageBytesMax: KiB },
        {
          accepted(connection) {
            all.push(connection)
            connections.connected(connection)
            connection.arm()
          },
          readable: (connection) => void connection.tryRead(),
        },
      )
      // The first chunk fills it, when everybody has been asked for one.
      connections.held.add('queues', heldBytesMax - 1)
      const clients = Array.from({ length: 16 }, () => connect(portOf(server)))
      for (const client of clients) {
        cleanups.push(() => client.destroy())
        client.write(bytesOf(1024 * KiB))
      }
      const total = (): number => connections.statistics().held.total
      await until(() => all.length === clients.length && total() >= heldBytesMax + (clients.length - 1) * 64 * KiB)
      let mostBytes = 0
      for (let turn = 0; turn < 50; turn++) {
        mostBytes = Math.max(mostBytes, total())
        await ticks()
      }
      expect(mostBytes).toBeLessThanOrEqual(heldBytesMax + clients.length * 64 * KiB)
    },
  )

  test('brings every byte, one chunk a turn, until FIN', async () => {
    const { connection, client } = await pair()
    client.end(bytesOf(1024 * KiB))
    const chunks: Uint8Array[] = []
    for (let chunk = await connection.read(); chunk; chunk = await connection.read()) {
      expect(connection.tryRead().state).not.toBe('ok')
      chunks.push(chunk)
    }
    expectBytes(Buffer.concat(chunks), bytesOf(1024 * KiB))
  })
})

describe('writing', () => {
  clause('R5.3', 'at most about 64 KiB in one outstanding write', 'and all arrives once the client reads', async () => {
    const { connection, client, connections } = await pair({ queuedBytesMax: 64 * 1024 * KiB })
    const received: Buffer[] = []
    client.pause()
    connection.outgoing.give(bytesOf(16 * 1024 * KiB))
    const flushed = connection.flushed({ kind: 'task', name: 'the writer' })
    expect(connections.waits.render()).toBe('the writer waits for client 1 to read')
    client.on('data', (chunk: Buffer) => received.push(chunk))
    client.resume()
    await flushed
    connection.close('protocol-close')
    connection.end()
    await once(client, 'end')
    expectBytes(Buffer.concat(received), bytesOf(16 * 1024 * KiB))
  })

  clause('R4.2', 'what was held for it is freed', 'what a reset client did not take was not accepted', async () => {
    const one = await pair()
    const { connection, connections, client } = one
    // One chunk lies in the process and is not asked for, so that nothing tells of the reset but a write.
    client.write('a')
    await until(() => connection.socketBytes > 0)
    client.resetAndDestroy()
    await once(client, 'close')
    connection.outgoing.push(bytesOf(200 * KiB))
    connection.flush()
    await until(() => closesOf(one).length > 0)
    expect(closesOf(one)).toEqual(['reset'])
    expect(connections.statistics()).toMatchObject({
      bytesOut: 0,
      drops: { aborted: { bytes: 200 * KiB } },
      held: { total: 0 },
    })
  })
})

describe('closing', () => {
  clause(
    '4',
    'send what is queued, send FIN, read and discard',
    'nothing is lost of what the client has not read yet',
    async () => {
      const one = await pair({ queuedBytesMax: 8 * 1024 * KiB })
      const { connection, client } = one
      const received: Buffer[] = []
      client.pause()
      // Input that nobody reads would turn the close into a reset, which takes with it what the kernel still holds.
      client.write(bytesOf(512 * KiB))
      connection.outgoing.give(bytesOf(2 * 1024 * KiB))
      connection.close('protocol-close')
      const flushed = connection.flushed({ kind: 'task', name: 'the writer' })
      client.on('data', (chunk: Buffer) => received.push(chunk))
      client.resume()
      await flushed
      connection.end()
      await once(client, 'end')
      expectBytes(Buffer.concat(received), bytesOf(2 * 1024 * KiB))
      client.end()
      await until(() => closesOf(one).length > 0)
      expect(closesOf(one)).toEqual(['protocol-close'])
    },
  )

  test('the reset of a client is noticed, and counted once', async () => {
    const one = await pair()
    const read = one.connection.read()
    one.client.resetAndDestroy()
    expect(await read).toBe(undefined)
    await until(() => closesOf(one).length > 0)
    expect(closesOf(one)).toEqual(['reset'])
  })
})

describe('aborting', () => {
  test('the client sees a reset, not a FIN', async () => {
    const one = await pair()
    const error = once(one.client, 'error')
    one.connection.abort('message-too-long')
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
    await until(() => closesOf(one).length > 0)
    expect(closesOf(one)).toEqual(['message-too-long'])
  })

  test('the socket closes although its FIN was on its way, when the kernel refuses to reset it', async () => {
    const one = await pair()
    const { connection, connections } = one
    connection.close('protocol-close')
    connection.end()
    // Node asks the kernel for FIN in a tick from now; right behind that there is no resetting.
    await Promise.resolve()
    await new Promise<void>((resolve) => process.nextTick(resolve))
    connection.abort('shutdown-deadline')
    await until(() => closesOf(one).length > 0)
    expect(closesOf(one)).toEqual(['shutdown-deadline'])
    connections.disconnected(connection)
    connections.stop()
    await connections.closed()
  })

  test('the socket closes although it is one of a path, which cannot be reset', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'socket')
    const server = createServer({ allowHalfOpen: true, highWaterMark: 0 })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const one = await pairOn(server, { path })
    one.connection.abort('message-too-long')
    await Promise.all([once(one.client, 'end'), until(() => closesOf(one).length > 0)])
    expect(closesOf(one)).toEqual(['message-too-long'])
  })
})

clause(
  'R4.1',
  'the complete messages that it had sent MUST still be delivered',
  'also to itself, behind its FIN',
  async () => {
    const server = await listen()
    cleanups.push(() => server.close())
    const toy = new Toy()
    const { connections, ...driven } = driveByEdges(toy, server, { clock: new ManualClock() })
    const client = connect({ port: portOf(server), host: '127.0.0.1', allowHalfOpen: true })
    const received: Buffer[] = []
    client.on('data', (chunk: Buffer) => received.push(chunk))
    client.end(commands({ kind: 'send', to: 1, length: 50_000 }, { kind: 'give', to: 1, length: 300 }))
    await once(client, 'end')
    await until(() => connections.statistics().connections.open === 0)
    expectBytes(Buffer.concat(received), Buffer.concat(toy.streams.get(1)!))
    expect(connections.statistics()).toMatchObject({ closes: { 'client-fin': 1 }, held: { total: 0 } })
    await driven.stop()
  },
)
