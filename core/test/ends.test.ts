/** However connections end, and in whatever order, each end is counted once and nothing of it stays. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { READ_BYTES } from '../src/limits.ts'
import type { Limits } from '../src/limits.ts'
import type { ClientId, CloseReason } from '../src/protocol.ts'
import { COMMAND_BYTES, commands, driveByEdges, driveByTasks, Toy } from './smallest-server.ts'
import type { Command, Drive, SmallestServer } from './smallest-server.ts'
import { expectBytes, FakeListener, FakeSocket, KiB, ResettableSocket, SteppedClock, sum } from './support.ts'

const LIMITS = { writeDeadlineMs: 1000, lingerMs: 500, graceMs: 2000, messageBytesMax: 1 }

/** What happens to the server. */
type Event =
  | { readonly kind: 'connect'; readonly room: number; readonly resettable: boolean }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'turn' | 'stop' | 'listener-error' }

/** What happens to one connection. */
type SocketEvent =
  | { readonly kind: 'arrive'; readonly client: ClientId; readonly list: readonly Command[] }
  | { readonly kind: 'accept'; readonly client: ClientId; readonly bytes: number }
  | { readonly kind: (typeof SOCKET_EVENTS)[number]; readonly client: ClientId }

const SOCKET_EVENTS = [
  'fin',
  'reset',
  'vanish',
  'write-error',
  'answer',
  'hold-close',
  'finish-close',
  'hold-fin',
] as const

const IDS: readonly ClientId[] = [1, 2, 3, 4, 5]
const anyClient = fc.constantFrom(...IDS)
const anyLength = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60_000 }))

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('send', 'give'), to: anyClient, length: anyLength }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('keep'), length: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('close', 'abort'), client: anyClient }) },
)

const anyConnect: fc.Arbitrary<Event> = fc.record({
  kind: fc.constant('connect'),
  room: fc.constantFrom(0, 100, 100_000, Infinity),
  resettable: fc.boolean(),
})

const anyEvent: fc.Arbitrary<Event | SocketEvent> = fc.oneof(
  { weight: 2, arbitrary: anyConnect },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('arrive'),
      client: anyClient,
      list: fc.array(anyCommand, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('accept'),
      client: anyClient,
      bytes: fc.constantFrom(1, 1000, 64 * KiB, 1000 * KiB),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ kind: fc.constantFrom('fin' as const, ...SOCKET_EVENTS), client: anyClient }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 499, 500, 501, 999, 1000) }),
  },
  { weight: 12, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'listener-error' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'stop' as const }) },
)

const anyLimits = fc.record({
  heldBytesMax: fc.constantFrom(2 * KiB, 20 * KiB, 256 * KiB * KiB),
  queuedBytesMax: fc.constantFrom(2 * KiB, 1024 * KiB),
  connectionsMax: fc.constantFrom(2, 100),
})

/** A server, its clients' sockets, and what is known of both. */
class World {
  readonly clock = new SteppedClock()
  readonly #listener = new FakeListener()
  readonly #toy = new Toy()
  readonly #server: SmallestServer
  readonly #connectionsMax: number
  readonly #sockets: FakeSocket[] = []
  /** Of each client: what may have ended it. */
  readonly #causes = new Map(IDS.map((id) => [id, new Set<CloseReason>()]))
  #stopped: Promise<void> | undefined
  #listenerErrors = 0
  #refused = 0

  constructor(drive: Drive, limits: Partial<Limits> & { readonly connectionsMax: number }, readBytesMax: number) {
    this.#connectionsMax = limits.connectionsMax
    this.#server = drive(this.#toy, this.#listener, { clock: this.clock, ...LIMITS, ...limits }, { readBytesMax })
  }

  async happen(event: Event | SocketEvent): Promise<void> {
    if ('client' in event) return this.#happenTo(event)
    switch (event.kind) {
      case 'connect':
        return this.#connect(event.resettable ? new ResettableSocket(event) : new FakeSocket(event))
      case 'turn':
        return this.clock.endTurn()
      case 'advance':
        this.clock.advance(event.ms)
        return this.#blameAll('write-deadline')
      case 'listener-error':
        if (this.#listener.listenerCount('error') === 0) return
        this.#listenerErrors++
        return void this.#listener.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
      case 'stop':
        this.#stopped ??= this.#server.stop()
        this.#blameAll('server-shutdown')
        return this.#blameAll('shutdown-deadline')
    }
  }

  #connect(socket: FakeSocket): void {
    if (this.#sockets.length === IDS.length || this.#listener.listenerCount('connection') === 0) return
    const { open } = this.#server.connections.statistics().connections
    this.#listener.bring(socket)
    if (this.#stopped || open >= this.#connectionsMax) {
      this.#refused++
      expect(socket.destroyed, 'refused').toBe(true)
    } else {
      this.#sockets.push(socket)
    }
  }

  #happenTo(event: SocketEvent): void {
    const socket = this.#sockets[event.client - 1]
    if (!socket) return
    switch (event.kind) {
      case 'arrive':
        for (const command of event.list) {
          if (command.kind === 'close') this.#blame(command.client, 'protocol-close')
          if (command.kind === 'abort') this.#blame(command.client, 'message-too-long')
          if (command.kind === 'keep') this.#blameAll('held-bytes')
        }
        return socket.arrive(commands(...event.list))
      case 'accept':
        return socket.accept(event.bytes)
      case 'fin':
        this.#blame(event.client, 'client-fin')
        return socket.fin()
      case 'reset':
        this.#blame(event.client, 'reset')
        return socket.reset()
      case 'vanish':
        this.#blame(event.client, 'reset')
        return void socket.destroy()
      case 'write-error':
        this.#blame(event.client, 'reset')
        socket.writeError = new Error('write EPIPE')
        return
      case 'answer':
        // The kernel's last word on a socket that is destroyed may come late, and be good.
        if (socket.destroyed) return socket.accept(Infinity)
        this.#blame(event.client, 'reset')
        return socket.failWrite(new Error('write ECONNRESET'))
      case 'hold-close':
        socket.holdsClose = true
        return
      case 'finish-close':
        return socket.finishClose()
      case 'hold-fin':
        socket.holdsFin = true
    }
  }

  #blame(client: ClientId, reason: CloseReason): void {
    this.#causes.get(client)?.add(reason)
  }

  #blameAll(reason: CloseReason): void {
    for (const id of IDS) this.#blame(id, reason)
  }

  /** From now on everybody reads; and so, if the server still runs, everything that is owed to whoever is open gets done. */
  async heal(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.accept(Infinity)
      socket.finishClose()
    }
    await this.clock.rest()
    if (this.#stopped) return
    for (const connection of this.#server.connections.all()) {
      const socket = this.#sockets.at(connection.id - 1)!
      if (!connection.connected || socket.destroyed) continue
      const what = `client ${connection.id}`
      expect([socket.unreadBytes, connection.socketBytes], `not read of ${what}`).toEqual([0, 0])
      expect(socket.readableEnded, `FIN of ${what} not seen`).toBe(false)
      expectBytes(socket.accepted, Buffer.concat(this.#toy.streams.get(connection.id) ?? []), what)
    }
  }

  /** Shuts down, and waits for as long as that may take. */
  async end(): Promise<void> {
    await this.clock.rest()
    await this.happen({ kind: 'stop' })
    await this.clock.rest()
    for (let quarter = 0; quarter < 4; quarter++) {
      this.clock.advance(LIMITS.graceMs / 4)
      await this.clock.rest()
    }
    for (const socket of this.#sockets) socket.finishClose()
    let over = false
    void this.#stopped?.then(() => (over = true))
    await this.clock.rest()
    expect(over, 'it has shut down').toBe(true)
  }

  /** Each end is counted once, and has one of the reasons that there were. */
  checkCloses(): void {
    const { connections, closes, lastCloses, listenerErrors } = this.#server.connections.statistics()
    const accepted = this.#sockets.length
    expect(connections).toEqual({ open: 0, accepted, refused: this.#refused })
    expect(new Set(lastCloses.map(({ client }) => client))).toEqual(new Set(IDS.slice(0, accepted)))
    expect([lastCloses.length, sum(Object.values(closes))]).toEqual([accepted, accepted])
    for (const { client, reason } of lastCloses) expect([...this.#causes.get(client)!]).toContain(reason)
    expect(listenerErrors).toBe(this.#listenerErrors)
  }

  checkNothingStays(): void {
    const { connections } = this.#server
    const { held } = connections.statistics()
    expect(held.total, JSON.stringify(held)).toBe(0)
    expect(this.clock.pending, 'timers').toBe(0)
    expect(connections.waits.edges(), 'waits').toEqual([])
    expect(this.#sockets.every(({ destroyed }) => destroyed)).toBe(true)
    expect([this.#listener.closes, this.#listener.eventNames()]).toEqual([1, []])
  }

  /** Each client's story: connected, received, disconnected. */
  checkSteps(): void {
    for (const id of IDS) {
      const steps = this.#toy.calls.filter((call) => call.endsWith(` ${id}`)).map((call) => call.split(' ')[0])
      expect(steps.join(' '), `client ${id}`).toMatch(/^(connected( received)* disconnected)?$/)
    }
  }

  /** What was sent was accepted, or dropped and counted; and no stream has a gap. */
  checkStreams(): void {
    const { bytesOut, drops, lastCloses } = this.#server.connections.statistics()
    expect(bytesOut + drops.aborted.bytes + drops['not-connected'].bytes).toBe(this.#toy.sentBytes)
    expect(bytesOut).toBe(sum(lastCloses.map((close) => close.bytesOut)))
    for (const { client, bytesOut: counted } of lastCloses) {
      const accepted = this.#sockets.at(client - 1)!.accepted
      // Nothing that was sent before its id reaches it, and nothing behind the moment when it left: one piece in between.
      const stream = Buffer.concat(this.#toy.streams.get(client) ?? [])
      expectBytes(accepted, stream.subarray(0, accepted.length), `what client ${client} was sent`)
      expect(counted).toBeLessThanOrEqual(accepted.length)
    }
  }
}

describe.each([
  ['edges', driveByEdges],
  ['tasks', driveByTasks],
])('driven by %s', (_, drive) => {
  test('R3.4, R4, R5: in any order of events each end is counted once, no stream has a gap, all gets done, and nothing stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyConnect, { minLength: 1, maxLength: 4 }),
        fc.array(anyEvent, { minLength: 5, maxLength: 60, size: 'max' }),
        anyLimits,
        fc.constantFrom(COMMAND_BYTES, READ_BYTES),
        fc.boolean(),
        async (connects, events, limits, readBytesMax, heals) => {
          const world = new World(drive, limits, readBytesMax)
          for (const event of [...connects, ...events]) await world.happen(event)
          if (heals) await world.heal()
          await world.end()
          world.checkCloses()
          world.checkNothingStays()
          world.checkSteps()
          world.checkStreams()
        },
      ),
      { numRuns: 200 },
    )
  })
})
