import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import type { CloseReason, Server } from '@switchyard/core'
import { portOf } from '@switchyard/core/tcp'
import { PATTERNS } from '@switchyard/impls'
import { encodeMessage, Router } from '@switchyard/protocols/router'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { WebSocketListener } from '../src/index.ts'

const LIMITS = { messageBytesMax: 2 ** 20, queuedBytesMax: 2 ** 20 }

let http: HttpServer
let server: Server
const clients: Client[] = []

/** Collects what it is sent, in order. */
class Client {
  readonly socket: WebSocket
  #messages: Buffer[] = []
  #length = 0
  #more: (() => void) | undefined

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (message: Buffer) => {
      this.#messages.push(message)
      this.#length += message.length
      this.#more?.()
    })
  }

  async take(count: number): Promise<Buffer> {
    while (this.#length < count) {
      await new Promise<void>((resolve) => {
        this.#more = resolve
      })
    }
    const bytes = Buffer.concat(this.#messages)
    this.#messages = [bytes.subarray(count)]
    this.#length -= count
    return bytes.subarray(0, count)
  }

  async id(): Promise<number> {
    return (await this.take(4)).readUInt32BE()
  }
}

async function serve(pattern = 'reactor'): Promise<void> {
  http = createServer()
  const listener = new WebSocketListener(http, '/socket')
  server = PATTERNS.find(({ name }) => name === pattern)!.serve(new Router(LIMITS), listener, LIMITS)
  await once(http.listen(0, '127.0.0.1'), 'listening')
}

function dial(path = '/socket', origin?: string): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${portOf(http)}${path}`, { ...(origin !== undefined && { origin }) })
}

async function connect(): Promise<Client> {
  const client = new Client(dial())
  clients.push(client)
  await once(client.socket, 'open')
  return client
}

/** The reason of each close so far, once there are `count`. */
async function closes(count: number): Promise<CloseReason[]> {
  for (;;) {
    const { lastCloses } = server.statistics()
    if (lastCloses.length >= count) return lastCloses.map(({ reason }) => reason)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate()
  await server.shutdown()
  await new Promise((resolve) => http.close(resolve))
})

describe.each(PATTERNS.map(({ name }) => name))('%s', (pattern) => {
  test('routes between WebSockets: bytes in order, whatever the messages they come in', async () => {
    await serve(pattern)
    const [sender, receiver] = [await connect(), await connect()]
    await sender.id()
    const body = Buffer.alloc(200_000, 'abcdefg')
    const message = encodeMessage(await receiver.id(), body)
    for (let at = 0; at < message.length; at += 50_000) sender.socket.send(message.subarray(at, at + 50_000))
    expect((await receiver.take(body.length + 1)).equals(Buffer.concat([body, Buffer.of(0)]))).toBe(true)
  })

  test('takes no more from a WebSocket than TCP would, while its destination does not read', async () => {
    await serve(pattern)
    const [sender, receiver] = [await connect(), await connect()]
    await sender.id()
    const id = await receiver.id()
    receiver.socket.pause()
    const message = encodeMessage(id, Buffer.alloc(60_000, 'x'))
    const count = 400
    let sent = 0
    for (let index = 0; index < count; index++) sender.socket.send(message, () => sent++)
    while (server.waits.edges().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBeLessThan(count)
    receiver.socket.resume()
    await receiver.take(count * 60_001)
    expect(sent).toBe(count)
  })

  test('lets a client close that is still sent to', async () => {
    await serve(pattern)
    const client = await connect()
    const message = encodeMessage(await client.id(), Buffer.alloc(60_000, 'x'))
    for (let index = 0; index < 20; index++) client.socket.send(message)
    client.socket.close()
    expect(await closes(1)).toEqual(['client-fin'])
  })

  test('ends like a TCP connection: a close is a FIN, a broken one a reset, and a shutdown closes', async () => {
    await serve(pattern)
    const [closing, breaking, gone, staying] = [await connect(), await connect(), await connect(), await connect()]
    for (const client of [closing, breaking, gone, staying]) await client.id()
    closing.socket.close()
    expect(await closes(1)).toEqual(['client-fin'])
    breaking.socket.send(Buffer.alloc(65_537)) // Longer than a message may be.
    expect(await closes(2)).toEqual(['client-fin', 'reset'])
    gone.socket.terminate()
    expect(await closes(3)).toEqual(['client-fin', 'reset', 'reset'])
    const closed = once(staying.socket, 'close')
    await server.shutdown()
    expect((await closed)[0]).toBe(1000)
  })
})

describe('who is let in', () => {
  test.each([
    ['another path', '/other', undefined, 404],
    ['a page of another host', '/socket', 'https://example.org', 403],
    ['a page of no host', '/socket', 'null', 403],
  ])('not %s', async (_, path, origin, status) => {
    await serve()
    const [, response] = await once(dial(path, origin), 'unexpected-response')
    expect(response.statusCode).toBe(status)
    expect(server.statistics().connections.accepted).toBe(0)
  })

  test("this server's own pages", async () => {
    await serve()
    await once(dial('/socket', `http://127.0.0.1:${portOf(http)}`), 'open')
  })
})
