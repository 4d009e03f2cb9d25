import type { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Channel } from '../src/channel.ts'
import type { Connection } from '../src/connection/connection.ts'
import { Connections } from '../src/connections.ts'
import type { ClientId, Outbox, Protocol, ServeOptions, Listener } from '../src/protocol.ts'
import { bytesOf, clause, expectBytes, FakeListener, FakeSocket, KiB, SteppedClock, ticks } from './support.ts'
import type { FakeSocketOptions } from './support.ts'

const NOTHING = new Uint8Array(0)

/** A protocol that a test writes as it goes: what it does in a step is what was put in `next`. */
class Scripted implements Protocol {
  readonly calls: string[] = []
  readonly held = new Map<ClientId, number>()
  /** What the next step does. */
  next: (out: Outbox) => void = () => {}

  connected(client: ClientId, out: Outbox): void {
    out.send(client, Uint8Array.of(client))
    this.#step(`connected ${client}`, out)
  }

  received(client: ClientId, _: Uint8Array, out: Outbox): void {
    this.#step(`received ${client}`, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.held.delete(client)
    this.#step(`disconnected ${client}`, out)
  }

  heldBytes(client: ClientId): number {
    return this.held.get(client) ?? 0
  }

  #step(call: string, out: Outbox): void {
    this.calls.push(call)
    const { next } = this
    this.next = () => {}
    next(out)
  }
}

interface Client {
  readonly connection: Connection
  readonly socket: FakeSocket
}

class Rig {
  readonly clock = new SteppedClock()
  readonly listener: FakeListener & Pick<Listener, 'untaken' | 'roleOf' | 'gather'> = new FakeListener()
  readonly protocol = new Scripted()
  readonly connections: Connections
  /** Edges in order, as `readable 1`. */
  readonly told: string[] = []
  readonly #accepted: Connection[] = []

  constructor(options: ServeOptions = {}, untaken?: Listener['untaken']) {
    if (untaken) this.listener.untaken = untaken
    this.connections = new Connections(
      this.protocol,
      this.listener,
      { clock: this.clock, messageBytesMax: 1, ...options },
      {
        accepted: (connection) => void this.#accepted.push(connection),
        readable: ({ id }) => void this.told.push(`readable ${id}`),
        writable: ({ id }) => void this.told.push(`writable ${id}`),
      },
    )
  }

  /** Brings a socket that is accepted. */
  accept(options: FakeSocketOptions = {}): Client {
    const count = this.#accepted.length
    const socket = this.listener.bring(new FakeSocket(options))
    expect(this.#accepted.length, 'accepted').toBe(count + 1)
    return { connection: this.#accepted.at(-1)!, socket }
  }

  /** Brings a socket that is accepted, and tells the protocol. */
  connect(options: FakeSocketOptions = {}): Client {
    const client = this.accept(options)
    this.connections.connected(client.connection)
    return client
  }

  /** Brings a socket that is refused. */
  refuse(): FakeSocket {
    const count = this.#accepted.length
    const socket = this.listener.bring(new FakeSocket())
    expect([this.#accepted.length, socket.destroyed], 'refused').toEqual([count, true])
    return socket
  }

  /** A step of `from`'s in which the protocol does as told. */
  step(from: Client, next: (out: Outbox) => void): readonly Connection[] {
    this.protocol.next = next
    return this.connections.received(from.connection, NOTHING)
  }

  get drops(): { readonly sends: number; readonly bytes: number } {
    return this.connections.statistics().drops['not-connected']
  }

  waiting(): string[] {
    return this.connections.waits.render().split('\n')
  }
}

describe('who is let in', () => {
  clause('R2.1', 'An id is never given to a second connection', 'also when the first has long gone', async () => {
    const rig = new Rig({ connectionsMax: 2 })
    const ids: ClientId[] = []
    for (let count = 0; count < 5; count++) {
      const { connection, socket } = rig.accept()
      ids.push(connection.id)
      socket.destroy()
      await rig.clock.rest()
      rig.connections.disconnected(connection)
    }
    expect(ids).toEqual([1, 2, 3, 4, 5])
    expect(rig.connections.statistics().connections).toEqual({ open: 0, accepted: 5, refused: 0 })
  })

  clause('R2.1', 'When ids run out, connections are refused', 'at n - 1, n and n + 1, and for good', async () => {
    const rig = new Rig({ idsMax: 3 })
    const clients = [rig.accept(), rig.accept(), rig.accept()]
    expect(clients.map(({ connection }) => connection.id)).toEqual([1, 2, 3])
    rig.refuse()
    for (const { socket } of clients) socket.destroy()
    await rig.clock.rest()
    rig.refuse()
    expect(rig.connections.statistics().connections).toEqual({ open: 0, accepted: 3, refused: 2 })
  })

  clause('R5.2', 'a further connection is closed at once, without an id', 'at n - 1, n and n + 1', async () => {
    const rig = new Rig({ connectionsMax: 3 })
    const first = rig.connect()
    rig.connect()
    rig.connect()
    const refused = rig.refuse()
    await rig.clock.rest()
    expect([refused.accepted.length, rig.protocol.calls.length]).toEqual([0, 3])
    expect(rig.connections.statistics().connections).toEqual({ open: 3, accepted: 3, refused: 1 })
    // One that lingers still counts, one that is gone does not; the refused one took no id.
    first.connection.close('protocol-close')
    first.connection.end()
    rig.refuse()
    first.socket.fin()
    await rig.clock.rest()
    expect(rig.connect().connection.id).toBe(4)
    rig.refuse()
  })

  clause('R5.2', 'a further connection is closed at once', 'links of nodes take no place', async () => {
    const rig = new Rig({ connectionsMax: 1 })
    const links = new Set<Duplex>()
    rig.listener.roleOf = (socket) => (links.has(socket) ? 'node' : 'client')
    const link = (): FakeSocket => {
      const socket = new FakeSocket()
      links.add(socket)
      return rig.listener.bring(socket)
    }
    const early = link()
    const client = rig.accept()
    rig.refuse()
    expect(link().destroyed).toBe(false)
    early.destroy()
    await rig.clock.rest()
    rig.refuse()
    client.socket.destroy()
    await rig.clock.rest()
    rig.connect()
    rig.refuse()
  })

  test('how a refused socket fails is nobody’s concern', async () => {
    const rig = new Rig({ connectionsMax: 1 })
    rig.accept()
    const refused = rig.refuse()
    refused.emit('error', new Error('read ECONNRESET'))
    await rig.clock.rest()
    expect(rig.connections.statistics()).toMatchObject({ connections: { refused: 1 }, lastCloses: [] })
  })

  test('limits out of range are a RangeError before anything is listened to', () => {
    const listener = new FakeListener()
    const make = (): Connections => new Connections(new Scripted(), listener, { idsMax: 0 }, { accepted: () => {} })
    expect(make).toThrow(RangeError)
    expect(listener.eventNames()).toEqual([])
  })

  test.each([
    ['without half-open connections', { allowHalfOpen: false }, 'allowHalfOpen'],
    ['with a high-water mark of more than one read', { readableHighWaterMark: 64 * KiB + 1 }, 'highWaterMark'],
  ])('a listener %s is a mistake in the program: it throws where it brings a socket', (_, options, what) => {
    const rig = new Rig()
    const bring = (): FakeSocket => rig.listener.bring(new FakeSocket(options))
    // Out of an event handler: unless somebody catches it there, the process ends, at its first connection.
    expect(bring).toThrow(TypeError)
    expect(bring).toThrow(what)
    expect(rig.connections.statistics().connections).toEqual({ open: 0, accepted: 0, refused: 0 })
    expect(rig.accept().connection.id).toBe(1)
  })

  test('errors of the listener are counted, and it goes on', () => {
    const rig = new Rig()
    rig.listener.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    rig.listener.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    expect(rig.connections.statistics().listenerErrors).toBe(2)
    expect(rig.connect().connection.connected).toBe(true)
  })
})

describe('steps', () => {
  test('call the protocol: connected, received, disconnected, each in its time', async () => {
    const rig = new Rig()
    const { connections, protocol } = rig
    const { connection } = rig.accept()
    expect(connections.received(connection, NOTHING)).toEqual([])
    expect(protocol.calls).toEqual([])
    connections.connected(connection)
    connections.connected(connection)
    connections.received(connection, NOTHING)
    connections.disconnected(connection)
    connections.disconnected(connection)
    connections.received(connection, NOTHING)
    connections.connected(connection)
    expect(protocol.calls).toEqual(['connected 1', 'received 1', 'disconnected 1'])
    expect(connection.state).toBe('closing')
  })

  test('of a client that was never told are none', () => {
    const rig = new Rig()
    const { connection } = rig.accept()
    rig.connections.disconnected(connection)
    rig.connections.connected(connection)
    expect([rig.protocol.calls, connection.state]).toEqual([[], 'closing'])
  })

  test.each([
    ['a reset', ({ socket }: Client) => socket.reset()],
    ['an abort', ({ connection }: Client) => connection.abort('write-deadline')],
  ])('after %s: nothing more is received, and disconnected is still told, once', async (_, end) => {
    const rig = new Rig()
    const client = rig.connect()
    end(client)
    await rig.clock.rest()
    rig.connections.received(client.connection, NOTHING)
    rig.connections.disconnected(client.connection)
    rig.connections.disconnected(client.connection)
    expect(rig.protocol.calls).toEqual(['connected 1', 'disconnected 1'])
  })

  test('inside of a step are refused', () => {
    for (const inner of ['connected', 'received', 'disconnected'] as const) {
      const rig = new Rig()
      const [outer, other] = [rig.connect(), inner === 'connected' ? rig.accept() : rig.connect()]
      const step = (): void => {
        rig.step(outer, () => {
          if (inner === 'received') rig.connections.received(other.connection, NOTHING)
          else rig.connections[inner](other.connection)
        })
      }
      expect(step, inner).toThrow('never called twice at once')
    }
    for (const outer of ['connected', 'disconnected'] as const) {
      const rig = new Rig()
      const other = rig.connect()
      const { connection } = outer === 'connected' ? rig.accept() : rig.connect()
      rig.protocol.next = () => void rig.connections.received(other.connection, NOTHING)
      expect(() => rig.connections[outer](connection), outer).toThrow('never called twice at once')
    }
  })

  test('count what the protocol holds of unfinished input, until it is disconnected', () => {
    const rig = new Rig()
    const [one, two] = [rig.connect(), rig.connect()]
    const hold = (client: Client, bytes: number): void => {
      rig.protocol.held.set(client.connection.id, bytes)
      rig.connections.received(client.connection, NOTHING)
    }
    hold(one, 100)
    hold(two, 50)
    hold(one, 30)
    expect(rig.connections.held.at('input')).toBe(80)
    rig.connections.disconnected(one.connection)
    expect(rig.connections.held.at('input')).toBe(50)
    two.connection.abort('reset')
    rig.connections.disconnected(two.connection)
    expect(rig.connections.held.at('input')).toBe(0)
  })
})

describe('the outbox', () => {
  clause(
    'R1.2',
    'Nothing precedes them',
    'what is sent to a client that has not been told its id is dropped',
    async () => {
      const rig = new Rig()
      const sender = rig.connect()
      const { connection, socket } = rig.accept()
      rig.step(sender, (out) => {
        out.send(2, bytesOf(10))
        out.give(2, bytesOf(5))
      })
      expect(rig.drops).toEqual({ sends: 2, bytes: 15 })
      rig.connections.connected(connection)
      rig.step(sender, (out) => out.send(2, Uint8Array.of(7)))
      connection.flush()
      expect([...socket.accepted]).toEqual([2, 7])
    },
  )

  clause('R3.7', 'A message to an id that is not connected MUST be consumed and dropped', 'and counted', () => {
    const rig = new Rig()
    const sender = rig.connect()
    rig.step(sender, (out) => {
      out.send(0, bytesOf(1))
      out.send(2, bytesOf(100), 10, 30)
      out.give(2 ** 32 - 1, bytesOf(300))
      out.send(Number.NaN, bytesOf(4000))
      out.send(9, bytesOf(100), 0, 60, 20)
    })
    expect(rig.drops).toEqual({ sends: 24, bytes: 4381 })
    expect(rig.connections.statistics().decided).toEqual({ sends: 25, bytes: 4382 }) // With the greeting of the sender.
    expect(sender.connection.connected).toBe(true)
  })

  test.each([
    ['leaves', ({ connections }, { connection }) => connections.disconnected(connection)],
    ['is closed', ({ connections }) => connections.close(2)],
    ['is aborted by the protocol', ({ connections }) => connections.abort(2, 'message-too-long')],
    ['is aborted', (_, { connection }) => connection.abort('write-deadline')],
    ['is reset', (_, { socket }) => socket.reset()],
  ] as readonly (readonly [string, (rig: Rig, client: Client) => void])[])(
    'reaches a client as soon as it has joined, and not once it %s, whoever was sent to last',
    async (_, leave) => {
      const rig = new Rig()
      const sender = rig.connect()
      const send = (): void => void rig.step(sender, (out) => out.send(2, bytesOf(1)))
      send()
      const client = rig.connect()
      send()
      expect([rig.drops.sends, client.connection.outgoing.length]).toEqual([1, 2])
      leave(rig, client)
      await rig.clock.rest()
      const { length } = client.connection.outgoing
      send()
      expect([rig.drops.sends, client.connection.outgoing.length]).toEqual([2, length])
    },
  )

  test('ends in the same step reach: what is sent behind a close is dropped', () => {
    const rig = new Rig()
    const [one, two] = [rig.connect(), rig.connect()]
    rig.step(one, (out) => {
      out.send(2, Uint8Array.of(7))
      out.close(2)
      out.send(2, Uint8Array.of(8))
      out.abort(1, 'message-too-long')
      out.send(1, Uint8Array.of(9))
    })
    expect([one.connection.state, two.connection.state, rig.drops.sends]).toEqual(['closed', 'closing', 2])
    two.connection.flush()
    expect([...two.socket.accepted]).toEqual([2, 7])
  })

  test('copies what is sent, and does not copy what is given', () => {
    const rig = new Rig()
    const client = rig.connect()
    const [sent, given] = [bytesOf(100), bytesOf(2000, 50)]
    rig.step(client, (out) => {
      out.send(1, sent, 10, 50)
      out.give(1, given)
    })
    sent.fill(255)
    expect(client.connection.outgoing.pin(KiB).at(-1)?.buffer).toBe(given.buffer)
    client.connection.outgoing.consume(1)
    client.connection.flush()
    expectBytes(client.socket.accepted, Buffer.concat([bytesOf(40, 10), given]))
  })

  test('closing or aborting whom nobody knows is harmless', () => {
    const rig = new Rig()
    const { connection } = rig.accept()
    rig.connections.close(1)
    rig.connections.abort(1, 'reset')
    rig.connections.close(9)
    rig.connections.abort(9, 'reset')
    expect(connection.state).toBe('accepted')
  })
})

describe('who has something to send', () => {
  const ids = (connections: readonly Connection[]): ClientId[] => connections.map(({ id }) => id)

  test('is taken once, in the order of the first message, and again with the next', () => {
    const rig = new Rig()
    const [one, two, three] = [rig.connect(), rig.connect(), rig.connect()]
    expect(ids(rig.connections.takeDirty())).toEqual([1, 2, 3])
    expect(rig.connections.takeDirty()).toEqual([])
    rig.step(one, (out) => [3, 1, 3].forEach((to) => out.send(to, bytesOf(1))))
    rig.step(two, (out) => [1, 2].forEach((to) => out.give(to, bytesOf(1))))
    const dirty = rig.connections.takeDirty()
    rig.step(three, (out) => out.send(3, bytesOf(1)))
    expect(ids(dirty)).toEqual([3, 1, 2])
    expect(ids(rig.connections.takeDirty())).toEqual([3])
    expect(ids(rig.connections.takeDirty())).toEqual([])
  })

  test('is who is closed, too, once: FIN is to be sent', async () => {
    const rig = new Rig()
    const [one, two] = [rig.connect(), rig.connect()]
    rig.connections.takeDirty()
    rig.step(one, (out) => {
      out.close(2)
      out.send(1, bytesOf(1))
      out.close(1)
    })
    expect(ids(rig.connections.takeDirty())).toEqual([2, 1])
    for (const { connection, socket } of [one, two]) {
      connection.flush()
      connection.end()
      socket.fin()
    }
    await rig.clock.rest()
    expect(rig.connections.statistics().closes['protocol-close']).toBe(2)
  })
})

describe('full destinations', () => {
  const LIMITS = { queuedBytesMax: 8 * KiB }
  const give = (to: ClientId, bytes: number) => (out: Outbox) => out.give(to, new Uint8Array(bytes))

  /** Two clients whose id has been sent. */
  function pair(): { rig: Rig; one: Client; two: Client } {
    const rig = new Rig(LIMITS)
    const [one, two] = [rig.connect({ room: 1 }), rig.connect({ room: 1 })]
    for (const { connection } of [one, two]) connection.flush()
    return { rig, one, two }
  }

  clause('R5.4', 'what a server that bounds its memory holds for one destination', 'full at n, not at n - 1', () => {
    const { rig, one, two } = pair()
    rig.step(one, give(2, 4 * KiB))
    expect(rig.step(one, give(2, 4 * KiB - 1))).toEqual([])
    expect(rig.step(one, give(2, 1))).toEqual([two.connection])
    expect(rig.step(one, give(2, 1))).toEqual([two.connection])
  })

  clause('G4', 'stops the reading from those that send to it, and from nobody else', 'only this chunk counts', () => {
    const { rig, one, two } = pair()
    const fill = (out: Outbox): void => [1, 2, 2, 1, 2].forEach((to) => out.give(to, new Uint8Array(4 * KiB)))
    expect(rig.step(one, fill)).toEqual([two.connection, one.connection])
    expect(rig.step(two, () => {})).toEqual([])
    expect(rig.step(two, give(1, 1))).toEqual([one.connection])
    one.socket.accept(Infinity)
    one.connection.flush()
    expect(rig.step(two, give(1, 1))).toEqual([])
  })

  test('an answer does not change with later steps, whatever those send', () => {
    const { rig, one, two } = pair()
    const full = rig.step(one, (out) => [2, 2].forEach((to) => out.give(to, new Uint8Array(4 * KiB))))
    const none = rig.step(one, () => {})
    const third = rig.accept()
    // A chat says goodbye and hello to everybody: that is nobody's chunk.
    rig.protocol.next = (out) => [1, 1, 2].forEach((to) => out.give(to, new Uint8Array(4 * KiB)))
    rig.connections.connected(third.connection)
    rig.protocol.next = (out) => [1, 2].forEach((to) => out.give(to, new Uint8Array(4 * KiB)))
    rig.connections.disconnected(third.connection)
    expect([full, none]).toEqual([[two.connection], []])
    expect(rig.step(one, () => {})).toEqual([])
  })
})

describe('too much held (R5.6)', () => {
  const quote = 'at it, reading pauses until it falls'
  const LIMITS = { heldBytesMax: 2 * KiB, queuedBytesMax: KiB }

  function hold(rig: Rig, client: Client, bytes: number): void {
    rig.protocol.held.set(client.connection.id, bytes)
    rig.connections.received(client.connection, NOTHING)
  }

  clause('R5.6', quote, 'at n - 1 it does not', async () => {
    const rig = new Rig(LIMITS)
    const { connection, socket } = rig.accept()
    socket.arrive('a')
    rig.connections.held.add('queues', 2 * KiB - 1)
    connection.arm()
    await rig.clock.rest()
    expect([connection.tryRead().state, rig.waiting()]).toEqual(['ok', ['nobody waits']])
  })

  clause('R5.6', quote, 'what comes beyond it stays in the sockets, one read for each connection', async () => {
    const rig = new Rig(LIMITS)
    const clients = Array.from({ length: 10 }, () => rig.accept())
    for (const { connection } of clients) connection.arm()
    await rig.clock.rest()
    for (const { socket } of clients) socket.arrive(bytesOf(KiB))
    await rig.clock.rest()
    expect(clients.filter(({ connection }) => connection.tryRead().state === 'ok')).toHaveLength(2)
    expect(rig.connections.statistics().held).toMatchObject({ chunks: 2 * KiB, sockets: 8 * KiB, total: 10 * KiB })
  })

  clause('R5.6', quote, 'all who want to read wait, visibly, and all go on', async () => {
    const rig = new Rig(LIMITS)
    const clients = [rig.accept(), rig.accept()]
    rig.connections.held.add('queues', 2 * KiB)
    for (const { connection, socket } of clients) {
      socket.arrive('a')
      await rig.clock.rest()
      expect(connection.tryRead().state).toBe('empty')
      connection.arm()
      connection.arm()
    }
    await rig.clock.rest()
    rig.told.length = 0
    expect(rig.waiting()).toEqual([
      'client 1 waits for the bytes held by the server to fall below heldBytesMax',
      'client 2 waits for the bytes held by the server to fall below heldBytesMax',
    ])
    rig.connections.held.add('queues', -10)
    expect(rig.told, 'not inside of a call').toEqual([])
    await rig.clock.rest()
    expect([rig.told, rig.waiting()]).toEqual([['readable 1', 'readable 2'], ['nobody waits']])
    expect(clients.map(({ connection }) => connection.tryRead().state)).toEqual(['ok', 'ok'])
  })

  clause('R5.6', quote, 'until it has fallen, not when it rises again in the same turn', async () => {
    const rig = new Rig(LIMITS)
    const { connection } = rig.accept()
    rig.connections.held.add('queues', 2 * KiB)
    connection.arm()
    rig.connections.held.add('queues', -1)
    rig.connections.held.add('queues', 1)
    await rig.clock.rest()
    expect([rig.told, rig.waiting().length]).toEqual([[], 1])
    rig.connections.held.add('queues', -1)
    await rig.clock.rest()
    expect(rig.told).toEqual(['readable 1'])
  })

  test.each([
    ['leaves', ({ connections }, { connection }) => connections.disconnected(connection)],
    ['is closed by the protocol', ({ connections }) => connections.close(1)],
    ['is aborted', (_, { connection }) => connection.abort('reset')],
    ['is reset', (_, { socket }) => socket.reset()],
  ] as readonly (readonly [string, (rig: Rig, client: Client) => void])[])(
    'who waits for memory and %s waits no more',
    async (_, leave) => {
      const rig = new Rig(LIMITS)
      const client = rig.connect()
      rig.connections.held.add('queues', 2 * KiB)
      client.connection.arm()
      expect(rig.waiting().length).toBe(1)
      client.socket.holdsClose = true
      leave(rig, client)
      await ticks()
      expect(rig.waiting()).toEqual(['nobody waits'])
      rig.told.length = 0
      await rig.clock.rest()
      expect(rig.told).toContain('readable 1')
      expect(client.connection.tryRead().state).toBe('closed')
    },
  )

  clause('R5.6', 'the connection with the largest is aborted, with its reason', 'at n, not at n - 1', async () => {
    const rig = new Rig(LIMITS)
    const [one, two, three] = [rig.connect(), rig.connect(), rig.connect()]
    hold(rig, one, 500)
    hold(rig, two, 1000)
    hold(rig, three, 547)
    for (const { connection } of [one, two, three]) connection.arm()
    expect([one, two, three].map(({ connection }) => connection.state)).toEqual(['connected', 'connected', 'connected'])
    hold(rig, three, 548)
    for (const { connection } of [one, two, three]) connection.arm()
    expect([one, two, three].map(({ connection }) => connection.state)).toEqual(['connected', 'closed', 'connected'])
    await rig.clock.rest()
    expect(rig.connections.statistics().lastCloses).toMatchObject([{ client: 2, reason: 'held-bytes' }])
    // Until the protocol has let go of it, nobody else has to go.
    one.connection.arm()
    three.connection.arm()
    expect([one.connection.state, three.connection.state]).toEqual(['connected', 'connected'])
    rig.told.length = 0
    rig.connections.disconnected(two.connection)
    await rig.clock.rest()
    expect([rig.told, rig.waiting()]).toEqual([['readable 1', 'readable 3'], ['nobody waits']])
  })

  clause('R5.6', 'if unfinished messages alone fill it', 'not if others have a part in it', async () => {
    const rig = new Rig(LIMITS)
    const client = rig.connect()
    hold(rig, client, 2 * KiB - 1)
    rig.connections.held.add('queues', 1)
    client.connection.arm()
    expect([client.connection.state, rig.waiting().length]).toEqual(['connected', 1])
  })

  clause(
    'R5.6',
    'if unfinished messages alone fill it',
    'also if everybody waits by the time that they do',
    async () => {
      const rig = new Rig(LIMITS)
      // Chunks on their way through a channel are held too. When they have become input nobody is left who reads.
      const channel = new Channel<Client>({
        capacity: 10 * KiB,
        weigh: () => KiB,
        account: (delta) => rig.connections.held.add('channels', delta),
      })
      const clients = [rig.connect(), rig.connect()]
      for (const client of clients) channel.trySend(client)
      for (const { connection } of clients) connection.arm()
      expect(rig.waiting().length).toBe(2)
      for (let taken = channel.tryReceive(); taken.state === 'ok'; taken = channel.tryReceive()) {
        hold(rig, taken.value, KiB)
      }
      await rig.clock.rest()
      expect(rig.connections.statistics().closes['held-bytes']).toBe(1)
    },
  )

  clause('R4.1', 'What was queued for it before is flushed', 'also if what it has not finished is the largest', () => {
    const rig = new Rig(LIMITS)
    const [one, two] = [rig.connect(), rig.connect()]
    hold(rig, one, 1500)
    rig.connections.close(1)
    hold(rig, two, 548)
    two.connection.arm()
    // Its input is freed with its last step, which is due: nobody has to go.
    expect([one.connection.state, two.connection.state]).toEqual(['closing', 'connected'])
  })
})

describe('shutting down (R4.3)', () => {
  const LIMITS = { graceMs: 4000, lingerMs: 10_000 }

  test('stops accepting and reading, and tells everybody when the turn ends', async () => {
    const rig = new Rig(LIMITS)
    const clients = [rig.connect(), rig.accept()]
    for (const { socket } of clients) socket.arrive('a', 'b')
    await rig.clock.rest()
    rig.told.length = 0
    rig.connections.stop()
    rig.connections.stop()
    expect([rig.connections.stopped, rig.listener.closes, rig.told]).toEqual([true, 1, []])
    rig.refuse()
    await rig.clock.endTurn()
    expect(rig.told).toEqual(['readable 1', 'readable 2'])
    for (const { connection } of clients) {
      expect([connection.tryRead().state, await connection.read(), connection.readingOver]).toEqual([
        'closed',
        undefined,
        true,
      ])
    }
    for (const { connection } of clients) rig.connections.disconnected(connection)
    expect(rig.protocol.calls).toEqual(['connected 1', 'disconnected 1'])
  })

  clause('R4.3', 'All stalled clients share one deadline, a quarter of the grace', 'to the millisecond', async () => {
    const rig = new Rig({ ...LIMITS, writeDeadlineMs: 100_000 })
    const [stalled, late, reads] = [rig.connect({ room: 0 }), rig.connect({ room: 0 }), rig.connect()]
    stalled.connection.flush()
    rig.connections.stop()
    rig.clock.advance(999)
    expect(stalled.connection.state).toBe('connected')
    rig.clock.advance(1)
    expect([stalled, late, reads].map(({ connection }) => connection.state)).toEqual([
      'closed',
      'connected',
      'connected',
    ])
    late.connection.flush()
    reads.connection.flush()
    expect([late.connection.state, reads.connection.state]).toEqual(['closed', 'connected'])
    await rig.clock.rest()
    expect(rig.connections.statistics().closes['shutdown-deadline']).toBe(2)
  })

  clause('R4.3', 'unless that is seen to take something', 'until it takes nothing for a quarter', async () => {
    const untaken = new Map<unknown, number>()
    const limits = { ...LIMITS, writeDeadlineMs: 100_000 }
    const rig = new Rig(limits, async (socket) => untaken.get(socket))
    const [slow, stalled] = [rig.connect({ room: 0 }), rig.connect({ room: 0 })]
    for (const { socket } of [slow, stalled]) untaken.set(socket, 1_000_000)
    for (const { connection } of [slow, stalled]) connection.flush()
    rig.connections.stop()
    const pass = async (ms: number, takes: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 250) {
        await ticks()
        untaken.set(slow.socket, (untaken.get(slow.socket) ?? 0) - takes)
        rig.clock.advance(250)
      }
    }
    await pass(1000, 1)
    expect([slow, stalled].map(({ connection }) => connection.state)).toEqual(['connected', 'closed'])
    await pass(1000, 1)
    await pass(750, 0)
    expect(slow.connection.state).toBe('connected')
    await pass(500, 0)
    expect([slow.connection.state, rig.connections.statistics().closes['shutdown-deadline']]).toEqual(['closed', 2])
  })

  clause('R4.3', 'ends within `graceMs`', 'whoever lingers then', async () => {
    const rig = new Rig(LIMITS)
    const [lingers, forgotten] = [rig.connect(), rig.connect()]
    rig.connections.stop()
    rig.connections.disconnected(lingers.connection)
    lingers.connection.flush()
    lingers.connection.end()
    let over = false
    const gone = rig.connections.closed().then(() => (over = true))
    rig.clock.advance(3999)
    await rig.clock.rest()
    expect([lingers.connection.state, forgotten.connection.state, over]).toEqual(['closing', 'connected', false])
    rig.clock.advance(1)
    expect([lingers.connection.state, forgotten.connection.state]).toEqual(['closed', 'closed'])
    await rig.clock.rest()
    rig.connections.disconnected(forgotten.connection)
    await gone
    expect(rig.connections.statistics().closes['shutdown-deadline']).toBe(2)
    expect([rig.clock.pending, rig.listener.eventNames()]).toEqual([0, []])
  })

  test('that is over looks at nobody any more', async () => {
    const rig = new Rig(LIMITS, async () => undefined)
    const { connection, socket } = rig.connect()
    rig.connections.stop()
    socket.destroy()
    await rig.clock.rest()
    rig.connections.disconnected(connection)
    await rig.connections.closed()
    expect(rig.clock.pending).toBe(0)
  })

  test('of nobody is over at once', async () => {
    const rig = new Rig(LIMITS)
    rig.connections.stop()
    await rig.connections.closed()
    await rig.clock.rest()
    expect([rig.clock.pending, rig.listener.closes, rig.listener.eventNames()]).toEqual([0, 1, []])
  })

  test('is over when the last socket is gone, not when its connection is', async () => {
    const rig = new Rig(LIMITS)
    const { connection, socket } = rig.connect()
    socket.holdsClose = true
    rig.connections.stop()
    let over = false
    const gone = rig.connections.closed().then(() => (over = true))
    connection.abort('reset')
    rig.connections.disconnected(connection)
    await rig.clock.rest()
    expect([over, rig.connections.statistics().connections.open]).toEqual([false, 1])
    socket.finishClose()
    await gone
    expect(rig.connections.statistics().connections.open).toBe(0)
  })

  test('is not over before each client’s last step was taken', async () => {
    const rig = new Rig(LIMITS)
    const { connection, socket } = rig.connect()
    rig.protocol.held.set(1, 100)
    rig.connections.received(connection, NOTHING)
    rig.connections.stop()
    let over = false
    const gone = rig.connections.closed().then(() => (over = true))
    socket.reset()
    await rig.clock.rest()
    expect(over).toBe(false)
    rig.connections.disconnected(connection)
    await gone
    expect([rig.protocol.calls.at(-1), rig.connections.statistics().held.total]).toEqual(['disconnected 1', 0])
  })

  test('finds all to whom something is owed: a close, or a last step', async () => {
    const rig = new Rig(LIMITS)
    const [, two, three, four] = [rig.connect(), rig.connect(), rig.connect(), rig.accept()]
    const ids = (): ClientId[] => [...rig.connections.all()].map(({ id }) => id)
    expect(ids()).toEqual([1, 2, 3, 4])
    two.socket.reset()
    four.socket.reset()
    await rig.clock.rest()
    expect(new Set(ids())).toEqual(new Set([1, 2, 3]))
    rig.connections.disconnected(two.connection)
    expect(ids()).toEqual([1, 3])
    // Who takes the last steps one after the other, and waits in between, misses nobody who goes meanwhile.
    const seen: ClientId[] = []
    for (const connection of rig.connections.all()) {
      rig.connections.disconnected(connection)
      seen.push(connection.id)
      three.socket.reset()
      await rig.clock.rest()
    }
    expect(seen).toEqual([1, 3])
  })

  test('ends waits for memory', async () => {
    const rig = new Rig({ ...LIMITS, heldBytesMax: 2 * KiB, queuedBytesMax: KiB })
    const { connection } = rig.connect()
    rig.connections.held.add('queues', 2 * KiB)
    connection.arm()
    rig.told.length = 0
    rig.connections.stop()
    await rig.clock.rest()
    expect(rig.told).toEqual(['readable 1'])
    expect(connection.tryRead().state).toBe('closed')
    rig.connections.disconnected(connection)
    expect(rig.waiting()).toEqual(['nobody waits'])
  })
})

describe('what there is to know', () => {
  test('what has arrived in the process and was not asked for is held too, in `sockets`', async () => {
    const rig = new Rig()
    const [one, two] = [rig.accept(), rig.accept()]
    for (const { socket } of [one, two]) socket.arrive(bytesOf(100))
    await rig.clock.rest()
    expect(rig.connections.statistics().held).toMatchObject({ sockets: 200, total: 200 })
    one.connection.tryRead()
    expect(rig.connections.statistics().held).toMatchObject({ sockets: 100, chunks: 100, total: 200 })
  })

  test('what is queued is held, by capacity, until it is accepted', async () => {
    const rig = new Rig()
    const { connection, socket } = rig.connect({ room: 0 })
    rig.step({ connection, socket }, (out) => out.give(1, new Uint8Array(5000)))
    const { held } = connection.outgoing
    expect(held).toBeGreaterThan(5000)
    expect(rig.connections.statistics().held.queues).toBe(held)
    connection.flush()
    expect(rig.connections.statistics().held.queues).toBe(held)
    socket.accept(Infinity)
    await rig.clock.rest()
    expect(rig.connections.statistics()).toMatchObject({ bytesOut: 5001, held: { queues: 0 } })
  })

  test('a queue of one’s own shares the slabs, and is accounted for as its maker says', () => {
    const rig = new Rig()
    const deltas: number[] = []
    const own = rig.connections.queue((delta) => deltas.push(delta))
    own.push(bytesOf(1000))
    const buffer = own.pin(KiB)[0]?.buffer
    own.consume(1000)
    expect(deltas).toEqual([KiB, -KiB])
    expect(rig.connections.held.at('queues')).toBe(0)
    rig.connect()
    expect(rig.connections.takeDirty()[0]?.outgoing.pin(1)[0]?.buffer).toBe(buffer)
  })

  test('what is written from there may wait for the end of the turn, where the listener has a way to do that', () => {
    const rig = new Rig()
    const gathered: unknown[] = []
    rig.listener.gather = (socket) => gathered.push(socket)
    const { connection, socket } = rig.connect()
    const own = rig.connections.queue(() => {})
    own.push(bytesOf(10))
    connection.flush(own)
    expect(gathered).toEqual([socket])
  })

  test('the live clock is the default', async () => {
    const listener = new FakeListener()
    const accepted: Connection[] = []
    const connections = new Connections(new Scripted(), listener, {}, { accepted: (one) => void accepted.push(one) })
    listener.bring(new FakeSocket()).arrive('a')
    const connection = accepted.at(-1)!
    expect(Buffer.from((await connection.read())!).toString()).toBe('a')
    connections.waits.begin(connection.party, { kind: 'memory' })
    expect(connections.waits.edges()[0]?.since).toBeGreaterThan(0)
    connections.stop()
    connection.abort('reset')
    await connections.closed()
  })
})
