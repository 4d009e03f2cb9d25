/** Full reads land in memory that is used again; everything else is as Node's own sockets are. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { READ_BYTES } from '../src/limits.ts'
import { PooledServer } from '../src/tcp/pooled-server.ts'
import { portOf } from '../src/tcp/listen.ts'

const PATIENCE = { timeout: 20_000, interval: 5 }

let server: PooledServer
afterEach(() => server.close())

interface Pair {
  readonly client: Socket
  readonly socket: Socket
}

async function pair(): Promise<Pair> {
  server = new PooledServer({ allowHalfOpen: true, highWaterMark: 0 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return another()
}

async function another(): Promise<Pair> {
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = connect({ port: portOf(server), allowHalfOpen: true })
  return { client, socket: await accepted }
}

/** Reads until so many bytes have come or the stream ends; `use` is called with each chunk. */
async function read(socket: Socket, bytes: number, use: (chunk: Buffer) => void): Promise<void> {
  let left = bytes
  while (left > 0) {
    const chunk: unknown = socket.read()
    if (!Buffer.isBuffer(chunk)) {
      await once(socket, 'readable')
      continue
    }
    left -= chunk.length
    use(chunk)
  }
}

/** Different in every place, so that nothing can stand where something else should. */
function bytesOf(length: number, shift: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8) + shift) & 255))
}

describe('a server whose reads are pooled', () => {
  test('brings every byte, whether its chunks are given back or not', async () => {
    const { client, socket } = await pair()
    const sent = bytesOf(40 * READ_BYTES + 123, 7)
    client.write(sent)
    const received: Buffer[] = []
    let count = 0
    await read(socket, sent.length, (chunk) => {
      received.push(Buffer.from(chunk))
      if (count++ % 3 > 0) server.recycle(chunk)
    })
    expect(Buffer.concat(received).equals(sent)).toBe(true)
    client.destroy()
    socket.destroy()
  })

  test('uses what is given back for the next read, and nothing twice', async () => {
    const { client, socket } = await pair()
    const seen = new Map<ArrayBufferLike, number>()
    client.write(bytesOf(64 * READ_BYTES, 1))
    await read(socket, 64 * READ_BYTES, (chunk) => {
      if (chunk.length === READ_BYTES) seen.set(chunk.buffer, (seen.get(chunk.buffer) ?? 0) + 1)
      server.recycle(chunk)
      server.recycle(chunk)
    })
    // One in use while the next one is read into: never more than two, if there were full reads at all.
    expect(seen.size).toBeLessThanOrEqual(2)
    client.destroy()
    socket.destroy()
  })

  test('memory that a socket reads into is used again when the socket is gone', async () => {
    const seen = new Set<ArrayBufferLike>()
    const first = await pair()
    for (const { client, socket } of [first, await another()]) {
      client.on('error', () => {}) // It has not sent everything when the socket goes.
      const bytes = bytesOf(64 * READ_BYTES, 1)
      const more = (error?: Error | null): void => void (error || client.write(bytes, more))
      more()
      // Until it has read into memory of its own, which it is given with a full read and loses with one of at most half of it.
      let owned = false
      for (let isFromOwn = false; !isFromOwn;) {
        const chunk: unknown = socket.read()
        if (!Buffer.isBuffer(chunk)) {
          await once(socket, 'readable')
          continue
        }
        const isLong = chunk.length * 2 > READ_BYTES
        if (isLong) seen.add(chunk.buffer)
        isFromOwn = owned && isLong
        owned = isFromOwn || chunk.length === READ_BYTES
        server.recycle(chunk)
      }
      socket.destroy()
      client.destroy()
      await once(socket, 'close')
    }
    expect(seen.size).toBeLessThanOrEqual(2)
  })

  test('a chunk that is kept stays what it was', async () => {
    const { client, socket } = await pair()
    const first = bytesOf(8 * READ_BYTES, 3)
    client.write(first)
    const kept: Buffer[] = []
    await read(socket, first.length, (chunk) => kept.push(chunk))
    client.write(bytesOf(8 * READ_BYTES, 90))
    await read(socket, 8 * READ_BYTES, () => {})
    expect(Buffer.concat(kept).equals(first)).toBe(true)
    client.destroy()
    socket.destroy()
  })

  test('nothing is read before it is asked for', async () => {
    const { client, socket } = await pair()
    client.write(bytesOf(4 * READ_BYTES, 5))
    await once(socket, 'readable')
    const chunk: unknown = socket.read()
    // Whoever asks finds what was not read so far: so the kernel still had it.
    client.write('more')
    await new Promise((resolve) => client.write('', resolve))
    await turns(20)
    expect(socket.readableLength).toBe(0)
    expect(chunk).toHaveLength(socket.bytesRead)
    client.destroy()
    socket.destroy()
  })

  test('a socket that is asked for more in the turn of its chunk goes on reading, without a call of the kernel', async () => {
    const { client, socket } = await pair()
    const calls = callsOf(socket)
    // As a server does: what is readable is read in this turn, then asked for again.
    socket.on('readable', () => setImmediate(() => void (socket.read(), socket.read(0))))
    for (const bytes of [3, 6, 9]) {
      client.write('abc')
      await vi.waitFor(() => expect(socket.bytesRead).toBe(bytes), PATIENCE)
      await turns(3)
    }
    expect(calls).toEqual([])
    client.destroy()
    socket.destroy()
  })

  test('a socket that is not asked for more stops, whatever it brought, until it is', async () => {
    const { client, socket } = await pair()
    client.write('abc')
    await read(socket, 3, () => {})
    await turns(3)
    const calls = callsOf(socket)
    await new Promise((resolve) => client.write('def', resolve))
    await turns(20)
    expect([socket.bytesRead, calls]).toEqual([3, []])
    await read(socket, 3, (chunk) => expect(chunk.toString()).toBe('def'))
    expect(calls[0]).toBe('readStart')
    client.destroy()
    socket.destroy()
  })

  test('more sockets than go on reading at a time are read from all the same', async () => {
    server = new PooledServer({ allowHalfOpen: true, highWaterMark: 0 })
    await once(server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }), 'listening')
    const received = new Map<Socket, string>()
    server.on('connection', (socket: Socket) => {
      received.set(socket, '')
      socket.on('readable', () =>
        setImmediate(() => {
          received.set(socket, received.get(socket) + String(socket.read() ?? ''))
          socket.read(0)
        }),
      )
    })
    const clients = Array.from({ length: 700 }, () => connect({ port: portOf(server) }))
    await Promise.all(clients.map((client) => once(client, 'connect')))
    for (const expected of ['a', 'ab', 'abc']) {
      for (const client of clients) client.write(expected.slice(-1))
      await vi.waitFor(() => expect([...received.values()]).toEqual(clients.map(() => expected)), PATIENCE)
    }
    for (const socket of [...clients, ...received.keys()]) socket.destroy()
  })

  test('is half-closed, written to, counted and closed like any other', async () => {
    const { client, socket } = await pair()
    client.end('bye')
    await read(socket, 3, (chunk) => expect(chunk.toString()).toBe('bye'))
    const ended = once(socket, 'end')
    socket.read()
    await ended
    expect(server.listening).toBe(true)
    expect(await connections()).toBe(1)
    const answered = once(client, 'data')
    socket.end('and to you')
    expect(String((await answered)[0])).toBe('and to you')
    const closed = once(server, 'close')
    server.close()
    await closed
  })

  test('writes what is gathered with the end of the turn, behind what it wrote at once', async () => {
    const { client, socket } = await pair()
    const other = await another()
    for (const turn of ['first', 'second']) {
      for (const [bytes, left] of [
        ['a', 0],
        ['b', 1],
      ] as const) {
        server.gather(socket)
        socket.write(bytes)
        expect(socket.writableLength, `${bytes} in the ${turn} turn`).toBe(left)
      }
      server.gather(other.socket)
      other.socket.write('c')
      expect(other.socket.writableLength, 'another one has not written').toBe(0)
      await turns(1)
      expect(socket.writableLength, `behind the ${turn} turn`).toBe(0)
    }
    socket.end()
    let received = ''
    for await (const bytes of client) received += String(bytes)
    expect(received).toBe('abab')
    for (const each of [socket, client, other.socket, other.client]) each.destroy()
  })

  test('gathers nothing for a stream that it has not brought', async () => {
    await pair().then(({ client, socket }) => [client.destroy(), socket.destroy()])
    const stream = new PassThrough()
    for (const _ of [1, 2]) server.gather(stream)
    expect(stream.writableCorked).toBe(0)
  })

  test('hears of a reset', async () => {
    const { client, socket } = await pair()
    // Not `once`, which would reject with the error that comes first.
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.read()
    client.resetAndDestroy()
    await closed
    expect(await connections()).toBe(0)
  })
})

/** Those to start and to stop reading, from now on. */
function callsOf(socket: Socket): string[] {
  const calls: string[] = []
  const handle: unknown = Reflect.get(socket, '_handle')
  for (const name of ['readStart', 'readStop'] as const) {
    const real: unknown = Reflect.get(Object(handle), name)
    if (typeof real !== 'function') throw new Error(`a handle without ${name}`)
    Reflect.set(Object(handle), name, (): unknown => {
      calls.push(name)
      return Reflect.apply(real, handle, [])
    })
  }
  return calls
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
