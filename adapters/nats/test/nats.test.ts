/** With a real nats-server. Without one on this machine it says so, and nothing fails. */
import { EventEmitter, once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Server as NetServer, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Listener, Pattern, Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { PATTERNS } from '@switchyard/impls'
import { firstIdOf, NodeRouter } from '@switchyard/protocols/nodes'
import type { PeerSnapshot } from '@switchyard/protocols/nodes'
import { encodeMessage } from '@switchyard/protocols/router'
import { expect, onTestFinished, test } from 'vitest'
import { NodeLinks } from '../src/index.ts'
import { Broker, BROKER, NO_BROKER } from './broker.ts'

if (!BROKER) process.stderr.write(`${NO_BROKER}\n`)
const withBroker = test.skipIf(!BROKER)

const [reactor] = PATTERNS.filter(({ name }) => name === 'reactor')
if (!reactor) throw new Error('there is no reactor')
let epochs = Date.now()

class Both extends EventEmitter<{ connection: [stream: Duplex]; error: [error: Error] }> implements Listener {
  readonly #tcp: NetServer
  readonly #links: NodeLinks

  constructor(tcp: NetServer, links: NodeLinks) {
    super()
    this.#tcp = tcp
    this.#links = links
    tcp.on('connection', (socket) => this.emit('connection', socket))
    links.on('connection', (stream) => this.emit('connection', stream))
  }

  roleOf(stream: Duplex): string {
    return 'remoteAddress' in stream ? 'client' : this.#links.roleOf(stream)
  }

  close(): void {
    this.#tcp.close()
    this.#links.close()
  }
}

class Node {
  readonly links: NodeLinks
  readonly router: NodeRouter
  readonly server: Server
  readonly #port: number

  private constructor(links: NodeLinks, router: NodeRouter, server: Server, port: number) {
    this.links = links
    this.router = router
    this.server = server
    this.#port = port
  }

  static async start(broker: Broker, pattern: Pattern, node: number): Promise<Node> {
    const epoch = epochs++
    let highestId = 0
    const place = { servers: [broker.url], cluster: 'test', node, epoch, highestId: () => highestId }
    const links = await NodeLinks.join(place)
    const tcp = await listen()
    const port = portOf(tcp)
    const router = new NodeRouter({ node, epoch, messageBytesMax: 2 ** 20 })
    const firstId = Math.max(firstIdOf(node), links.machine.highestOwnId + 1)
    highestId = firstId + 100
    const server = pattern.serve(router, new Both(tcp, links), { firstId })
    const started = new Node(links, router, server, port)
    onTestFinished(() => started.end())
    return started
  }

  get peers(): readonly PeerSnapshot[] {
    return this.router.snapshot().peers
  }

  /** Settles when so many links stand. */
  async linked(count: number): Promise<void> {
    await expect
      .poll(() => this.peers.filter(({ state }) => state === 'linked').length, { timeout: 5_000, interval: 5 })
      .toBe(count)
  }

  async client(): Promise<TestClient> {
    const socket = connectTcp(this.#port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const client = new TestClient(socket)
    await client.until(4)
    return client
  }

  async leave(): Promise<void> {
    await this.links.leave()
    await this.server.shutdown()
  }

  async end(): Promise<void> {
    await this.server.shutdown()
    await this.links[Symbol.asyncDispose]()
  }
}

class TestClient {
  readonly socket: Socket
  bytes: Buffer = Buffer.alloc(0)

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => (this.bytes = Buffer.concat([this.bytes, chunk])))
    socket.on('error', () => {})
  }

  get id(): number {
    return this.bytes.readUInt32BE(0)
  }

  get heard(): readonly string[] {
    return this.bytes.subarray(4).toString().split('\0').slice(0, -1)
  }

  say(to: TestClient, body: string): void {
    this.socket.write(encodeMessage(to.id, Buffer.from(body)))
  }

  async until(bytes: number): Promise<void> {
    while (this.bytes.length < bytes) await once(this.socket, 'data')
  }
}

withBroker.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))(
  'N2.1: %s: messages cross between nodes, and two that leave together lose nothing of what they have read',
  async (_, pattern) => {
    await using broker = await Broker.start()
    const nodes = await Promise.all([1, 2, 3].map((node) => Node.start(broker, pattern, node)))
    const [one, two, three] = nodes
    if (!one || !two || !three) throw new Error('three nodes were started')
    await Promise.all(nodes.map((node) => node.linked(2)))
    const [a, b, c] = await Promise.all([one.client(), two.client(), three.client()])
    const bodies = [...Array(500).keys()].map(String)
    for (const body of bodies) {
      a.say(b, body)
      b.say(c, body)
      c.say(a, body)
    }
    await expect
      .poll(() => [a.heard.length, b.heard.length, c.heard.length], { timeout: 5_000 })
      .toEqual([500, 500, 500])
    for (const client of [a, b, c]) expect(client.heard).toEqual(bodies)
    const closed = [b, c].map(({ socket }) => once(socket, 'close'))
    for (const { socket } of [b, c]) socket.on('end', () => socket.end())
    b.say(c, 'crossing')
    c.say(b, 'crossing')
    await expect.poll(() => two.server.statistics().bytesIn).toBeGreaterThan(0)
    await Promise.all([two.leave(), three.leave()])
    await Promise.all(closed)
    expect(one.peers.map(({ state }) => state)).toEqual(['left', 'left'])
    expect([b.heard.at(-1), c.heard.at(-1)]).toEqual(['crossing', 'crossing'])
  },
)

withBroker('N3.1: a broker that is killed costs what was on the way, which is counted', async () => {
  await using broker = await Broker.start()
  const [one, two] = [await Node.start(broker, reactor, 1), await Node.start(broker, reactor, 2)]
  await one.linked(1)
  await two.linked(1)
  const [a, b] = [await one.client(), await two.client()]
  let sent = 0
  const talk = setInterval(() => a.say(b, `${sent++}`), 1)
  onTestFinished(() => clearInterval(talk))
  await expect.poll(() => b.heard.length).toBeGreaterThan(20)
  await broker.kill()
  await one.linked(0)
  await broker.restart()
  await one.linked(1)
  const before = b.heard.length
  await expect.poll(() => b.heard.length).toBeGreaterThan(before + 20)
  clearInterval(talk)
  a.say(b, 'last')
  await expect.poll(() => b.heard.at(-1)).toBe('last')
  const { losses } = one.router.snapshot()
  const reported = losses['link-lost'] + losses['link-down']
  expect(b.heard.length - 1 + reported).toBe(sent)
  const numbers = b.heard.slice(0, -1).map(Number)
  expect(numbers).toEqual([...new Set(numbers)].toSorted((x, y) => x - y))
})

withBroker('N1.2: a number that is taken is refused, and ids are not given again after a restart', async () => {
  await using broker = await Broker.start()
  const [one, two] = [await Node.start(broker, reactor, 1), await Node.start(broker, reactor, 2)]
  const epoch = epochs++
  const place = { servers: [broker.url], cluster: 'test', node: 1, epoch, highestId: () => 0 }
  await expect(NodeLinks.join(place)).rejects.toMatchObject({ code: 'number-taken' })
  const earlier = (await one.client()).id
  await one.end()
  await two.linked(0)
  const again = await Node.start(broker, reactor, 1)
  expect((await again.client()).id).toBeGreaterThan(earlier + 50)
})

withBroker('a broker that is away, or that forbids, is told as such', async () => {
  await using broker = await Broker.start('--user', 'me', '--pass', 'secret')
  const place = { cluster: 'test', node: 1, epoch: 1, highestId: () => 0 }
  await expect(NodeLinks.join({ ...place, servers: [broker.url] })).rejects.toMatchObject({ code: 'refused' })
  await expect(NodeLinks.join({ ...place, servers: ['nats://127.0.0.1:1'] })).rejects.toMatchObject({
    code: 'broker-away',
  })
})
