/** FIN one way at a time, and clients that are paused, on every pattern over real sockets. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { ManualClock } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'

/** Client 1's word counts: `f` sends FIN to everybody, `p` pauses everybody else, `r` resumes them. Others are told what they said. */
class Gate implements Protocol {
  readonly #clients = new Set<ClientId>()

  connected(client: ClientId, out: Outbox): void {
    this.#clients.add(client)
    out.send(client, Uint8Array.of(0x68))
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    out.send(client, chunk)
    if (client !== 1) return
    for (const other of this.#clients) {
      if (other === 1) continue
      if (chunk[0] === 0x66) out.finish(other)
      if (chunk[0] === 0x70) out.pause(other)
      if (chunk[0] === 0x72) out.resume(other)
    }
  }

  finished(client: ClientId, out: Outbox): void {
    out.send(client, Uint8Array.of(0x2e))
    out.close(client, 'it has said all')
  }

  disconnected(client: ClientId): void {
    this.#clients.delete(client)
  }

  heldBytes(): number {
    return 0
  }
}

class Peer {
  readonly socket: Socket
  text = ''
  ended = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('data', (chunk) => (this.text += String(chunk)))
    this.socket.on('end', () => (this.ended = true))
  }

  async hears(text: string): Promise<void> {
    while (this.text.length < text.length) await once(this.socket, 'data')
    expect(this.text).toBe(text)
  }

  async ends(): Promise<void> {
    if (!this.ended) await once(this.socket, 'end')
  }
}

const patterns = PATTERNS.map((pattern) => [pattern.name, pattern] as const)

test.each(patterns)('%s tells the protocol of FIN, and sends what that decides', async (_, pattern) => {
  const listener = await listen()
  await using server = pattern.serve(new Gate(), listener, { clock: new ManualClock() })
  const peer = new Peer(portOf(listener))
  await peer.hears('h')
  peer.socket.end('abc')
  await peer.hears('habc.')
  await peer.ends()
  await once(peer.socket, 'close')
  await server.shutdown()
  expect(server.statistics().lastCloses).toMatchObject([{ reason: 'protocol-close', why: 'it has said all' }])
})

test.each(patterns)('%s reads on from a client to which the protocol has sent FIN', async (_, pattern) => {
  const listener = await listen()
  await using server = pattern.serve(new Gate(), listener, { clock: new ManualClock() })
  const [first, second] = [new Peer(portOf(listener)), new Peer(portOf(listener))]
  await first.hears('h')
  await second.hears('h')
  first.socket.write('f')
  await second.ends()
  second.socket.write('abc')
  while (server.statistics().bytesIn < 4) await new Promise((resolve) => setImmediate(resolve))
  second.socket.end()
  await once(second.socket, 'close')
  first.socket.destroy()
  await server.shutdown()
  const { lastCloses, held } = server.statistics()
  expect(lastCloses.find(({ client }) => client === 2)).toMatchObject({ bytesIn: 3, bytesOut: 1 })
  expect([lastCloses.length, held.total]).toEqual([2, 0])
})

test.each(patterns)('%s receives nothing of a paused client until it is resumed, FIN last', async (_, pattern) => {
  const listener = await listen()
  await using server = pattern.serve(new Gate(), listener, { clock: new ManualClock() })
  const [first, second] = [new Peer(portOf(listener)), new Peer(portOf(listener))]
  await first.hears('h')
  await second.hears('h')
  first.socket.write('p')
  await first.hears('hp')
  second.socket.end('abc')
  first.socket.write('x')
  await first.hears('hpx')
  expect(second.text).toBe('h')
  first.socket.write('r')
  await second.hears('habc.')
  first.socket.destroy()
  await once(second.socket, 'close')
  await server.shutdown()
  expect(server.statistics().held.total).toBe(0)
})
