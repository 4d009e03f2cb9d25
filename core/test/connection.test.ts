import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteQueue, Slabs } from '../src/byte-queue.ts'
import { Connection } from '../src/connection/connection.ts'
import type { Shared } from '../src/connection/shared.ts'
import { HeldBytes } from '../src/held-bytes.ts'
import { limitsOf, READ_BYTES } from '../src/limits.ts'
import type { Limits } from '../src/limits.ts'
import type { AbortReason, CloseReason } from '../src/protocol.ts'
import { Statistics } from '../src/statistics.ts'
import type { StatisticsSnapshot } from '../src/statistics.ts'
import { Turns } from '../src/turns.ts'
import { WaitForGraph } from '../src/wait-for-graph.ts'
import type { Party } from '../src/wait-for-graph.ts'
import {
  bytesOf,
  bytesToGive,
  clause,
  expectBytes,
  FakeSocket,
  KiB,
  ResettableSocket,
  SteppedClock,
  sum,
  ticks,
} from './support.ts'
import type { FakeSocketOptions } from './support.ts'

const writer: Party = { kind: 'task', name: 'the writer' }

/** What a connection told whoever made it, in order. */
type Told = 'readable' | 'writable' | 'waits-for-memory' | 'drained' | 'closing' | 'closed'

interface Rig<Socket> {
  readonly connection: Connection
  readonly socket: Socket
  readonly clock: SteppedClock
  readonly shared: Shared & { hurried: boolean; stopped: boolean }
  readonly told: Told[]
  readonly statistics: () => StatisticsSnapshot
}

interface RigOptions extends Partial<Limits> {
  readonly readBytesMax?: number
}

/** One connection, joined, and what it needs of a server. */
function rigOf(socketOptions: FakeSocketOptions = {}, options: RigOptions = {}): Promise<Rig<FakeSocket>> {
  return rigWith(new FakeSocket(socketOptions), options)
}

async function rigWith<Socket extends FakeSocket>(
  socket: Socket,
  { readBytesMax = READ_BYTES, ...limits }: RigOptions = {},
): Promise<Rig<Socket>> {
  const clock = new SteppedClock()
  const counters = new Statistics()
  const told: Told[] = []
  const shared = {
    limits: limitsOf(limits),
    clock,
    turns: new Turns(clock),
    waits: new WaitForGraph(() => clock.now()),
    held: new HeldBytes(limitsOf(limits).heldBytesMax, () => {}),
    slabs: new Slabs(limitsOf(limits).queuedBytesMax),
    statistics: counters,
    readBytesMax,
    untaken: undefined,
    finIsRead: false,
    commits: false,
    hurried: false,
    stopped: false,
  }
  const connection = new Connection(1, 'client', socket, shared, {
    edges: { readable: () => void told.push('readable'), writable: () => void told.push('writable') },
    waitsForMemory: () => void told.push('waits-for-memory'),
    drained: () => void told.push('drained'),
    closing: () => void told.push('closing'),
    closed: () => void told.push('closed'),
  })
  connection.connect()
  await clock.rest()
  const statistics = (): StatisticsSnapshot => counters.snapshot(0, shared.held.byPlace())
  return { connection, socket, clock, shared, told, statistics }
}

/** The reason with which it was counted: once, or this fails. */
function reasonOf({ statistics }: Rig<unknown>): CloseReason | undefined {
  const { lastCloses } = statistics()
  expect(lastCloses.length).toBeLessThanOrEqual(1)
  return lastCloses[0]?.reason
}

function textOf(connection: Connection): string {
  const taken = connection.tryRead()
  return taken.state === 'ok' ? Buffer.from(taken.chunk).toString() : taken.state
}

/** What a promise has come to so far. */
function watch<T>(promise: Promise<T>): { settled: boolean; value: T | undefined } {
  const seen: { settled: boolean; value: T | undefined } = { settled: false, value: undefined }
  void promise.then((value) => Object.assign(seen, { settled: true, value }))
  return seen
}

/** Nothing of it is left anywhere. */
function expectNoTrace(rig: Rig<FakeSocket>): void {
  expect(rig.statistics().held.total, 'bytes held').toBe(0)
  expect(rig.clock.pending, 'timers').toBe(0)
  expect(rig.shared.waits.edges(), 'waits').toEqual([])
  expect(rig.connection.socketBytes, 'bytes of a chunk').toBe(rig.socket.readableLength)
}

describe('a socket that no pattern could run on is refused', () => {
  test('without half-open connections', async () => {
    const socket = new FakeSocket({ allowHalfOpen: false })
    await expect(rigWith(socket)).rejects.toThrow(TypeError)
    await expect(rigWith(socket)).rejects.toThrow('allowHalfOpen')
    expect(socket.listenerCount('readable') + socket.listenerCount('close')).toBe(0)
  })

  test.each([0, 16 * KiB, READ_BYTES])('not with a high-water mark of %d', async (readableHighWaterMark) => {
    expect((await rigOf({ readableHighWaterMark })).connection.connected).toBe(true)
  })

  test('with a high-water mark of more than one read, which is named', async () => {
    const options = { readableHighWaterMark: READ_BYTES + 1 }
    await expect(rigOf(options)).rejects.toThrow(TypeError)
    await expect(rigOf(options)).rejects.toThrow('highWaterMark to at most 65536, not 65537')
  })
})

describe('reading', () => {
  test('is one chunk per turn, however much there is', async () => {
    const { connection, socket, clock } = await rigOf()
    socket.arrive('a', 'b', 'c')
    await ticks()
    expect([textOf(connection), textOf(connection)]).toEqual(['a', 'empty'])
    connection.arm()
    await ticks()
    expect([textOf(connection), socket.unreadBytes]).toEqual(['empty', 1])
    await clock.endTurn()
    expect(textOf(connection)).toBe('b')
  })

  test('takes from the network one read at most before the next is asked for', async () => {
    const { connection, socket, clock } = await rigOf()
    socket.arrive(bytesOf(READ_BYTES), bytesOf(READ_BYTES))
    await clock.rest()
    expect([connection.socketBytes, socket.unreadBytes]).toEqual([READ_BYTES, READ_BYTES])
    connection.tryRead()
    await clock.rest()
    expect([connection.socketBytes, socket.unreadBytes], 'not asked for').toEqual([0, READ_BYTES])
    connection.arm()
    await clock.rest()
    expect([connection.socketBytes, socket.unreadBytes], 'asked for').toEqual([READ_BYTES, 0])
  })

  test('counts a chunk as held until the next call, and as read', async () => {
    const rig = await rigOf()
    const { connection, socket, clock, statistics } = rig
    for (const [length, done] of [
      [10, () => void connection.tryRead()],
      [9, () => connection.arm()],
      [11, () => connection.release()],
    ] as const) {
      socket.arrive(bytesOf(length))
      connection.arm()
      await clock.rest()
      connection.tryRead()
      expect(statistics().held).toMatchObject({ chunks: length, total: length })
      done()
      expect(statistics().held.total).toBe(0)
      await clock.rest()
    }
    expect(statistics().bytesIn).toBe(30)
    socket.reset()
    await clock.rest()
    expect(statistics().lastCloses).toMatchObject([{ client: 1, bytesIn: 30, bytesOut: 0 }])
  })

  describe('by less than one read', () => {
    test('cuts a chunk, a piece a turn, in order, and the pieces do not keep its memory', async () => {
      const { connection, socket, clock, statistics, told } = await rigOf({}, { readBytesMax: 1000 })
      socket.arrive(bytesOf(2500))
      await clock.rest()
      const pieces: Uint8Array[] = []
      for (const left of [1500, 500, 0]) {
        told.length = 0
        connection.arm()
        await clock.rest()
        expect(told).toEqual(['readable'])
        const taken = connection.tryRead()
        expect(taken.state).toBe('ok')
        if (taken.state === 'ok') pieces.push(taken.chunk)
        expect(connection.tryRead().state).toBe('empty')
        expect(connection.socketBytes).toBe(left)
      }
      expect(pieces.map((piece) => piece.length)).toEqual([1000, 1000, 500])
      expect(pieces.map((piece) => piece.buffer.byteLength)).toEqual([1000, 1000, 500])
      expectBytes(Buffer.concat(pieces), bytesOf(2500))
      expect(statistics().bytesIn).toBe(2500)
    })

    test.each([
      [999, 1],
      [1000, 1],
      [1001, 2],
    ])('of 1,000 makes of %d bytes %d pieces, and copies only if it must', async (length, count) => {
      const { connection, socket, clock } = await rigOf({}, { readBytesMax: 1000 })
      socket.arrive(bytesOf(length))
      await clock.rest()
      for (let piece = 0; piece < count; piece++) {
        const taken = connection.tryRead()
        expect(taken.state).toBe('ok')
        // What comes from the socket is a Buffer; a copy is none.
        if (taken.state === 'ok') expect(Buffer.isBuffer(taken.chunk)).toBe(count === 1)
        await clock.rest()
        connection.arm()
        await clock.rest()
      }
      expect(connection.tryRead().state).toBe('empty')
    })

    // With a high-water mark of 0 FIN is heard of last. With another the socket reads ahead, and knows of it sooner.
    test.each([0, READ_BYTES])(
      'gives all pieces before it says that reading is over: %d',
      async (readableHighWaterMark) => {
        const { connection, socket, clock } = await rigOf({ readableHighWaterMark }, { readBytesMax: 2 })
        socket.arrive('abcde')
        socket.fin()
        await clock.rest()
        const seen: string[] = []
        while (seen.at(-1) !== 'closed' && seen.length < 9) {
          connection.arm()
          await clock.rest()
          seen.push(textOf(connection))
        }
        expect(seen.filter((text) => text !== 'empty')).toEqual(['ab', 'cd', 'e', 'closed'])
      },
    )
  })

  test('a chunk that is larger than one read is cut too, as it comes with other high-water marks', async () => {
    const { connection, socket, clock } = await rigOf({ readableHighWaterMark: READ_BYTES })
    socket.arrive(bytesOf(READ_BYTES - 1), bytesOf(READ_BYTES, READ_BYTES - 1))
    await clock.rest()
    const first = connection.tryRead()
    expect(first.state === 'ok' && first.chunk.length).toBe(READ_BYTES)
    await clock.rest()
    const second = connection.tryRead()
    expect(second.state === 'ok' && second.chunk.length).toBe(READ_BYTES - 1)
  })

  describe('over', () => {
    clause('R4.1', 'When a client sends FIN', 'reading ends behind the last chunk', async () => {
      const { connection, socket, clock, told } = await rigOf()
      socket.arrive('a')
      socket.fin()
      await clock.rest()
      expect([textOf(connection), connection.readingOver]).toEqual(['a', false])
      connection.arm()
      await clock.rest()
      told.length = 0
      connection.arm()
      await clock.rest()
      expect([textOf(connection), connection.readingOver, told]).toEqual(['closed', true, ['readable']])
    })

    test.each([
      ['leave', ({ connection }) => connection.close('protocol-close')],
      ['abort', ({ connection }) => connection.abort('message-too-long')],
      ['a reset', ({ socket }) => socket.reset()],
      ['a close without a word', ({ socket }) => void socket.destroy()],
      ['a stop', ({ connection, shared }) => ((shared.stopped = true), connection.wake())],
    ] as readonly (readonly [string, (rig: Rig<FakeSocket>) => void])[])(
      'after %s, with a chunk left or not',
      async (_, end) => {
        for (const chunk of [undefined, 'abc']) {
          const rig = await rigOf({}, { readBytesMax: 2 })
          if (chunk) rig.socket.arrive(chunk)
          await rig.clock.rest()
          rig.connection.tryRead()
          rig.told.length = 0
          end(rig)
          await rig.clock.rest()
          expect(rig.told).toContain('readable')
          expect(textOf(rig.connection)).toBe('closed')
        }
      },
    )

    test.each([
      ['leaves', ({ connection }) => connection.close('protocol-close')],
      ['is aborted', ({ connection }) => connection.abort('message-too-long')],
    ] as readonly (readonly [string, (rig: Rig<FakeSocket>) => void])[])(
      'a connection that %s lets go at once of the chunk that was read',
      async (_, end) => {
        const rig = await rigOf({}, { readBytesMax: 2 })
        rig.socket.arrive('abc')
        await rig.clock.rest()
        rig.connection.tryRead()
        expect(rig.statistics().held.chunks).toBe(2)
        end(rig)
        expect(rig.statistics().held.chunks).toBe(0)
        rig.connection.end()
        expect(rig.connection.socketBytes).toBe(rig.socket.readableLength)
      },
    )

    test('a connection that closes between its edge and the reading of it says so', async () => {
      const { connection, socket, clock, told } = await rigOf()
      connection.arm()
      socket.arrive('a')
      await clock.rest()
      expect(told).toEqual(['readable'])
      socket.reset()
      await ticks()
      expect(textOf(connection)).toBe('closed')
    })
  })
})

describe('arming', () => {
  test('brings one edge when something arrives, and none before', async () => {
    const { connection, socket, clock, told } = await rigOf()
    connection.arm()
    await clock.rest()
    expect(told).toEqual([])
    socket.arrive('a')
    await clock.rest()
    expect(told).toEqual(['readable'])
    expect(textOf(connection)).toBe('a')
  })

  test('alone brings edges: what nobody asked for is told of when somebody does', async () => {
    const { connection, socket, clock, told } = await rigOf()
    socket.arrive('a')
    await clock.rest()
    expect(told).toEqual([])
    connection.arm()
    await clock.rest()
    expect(told).toEqual(['readable'])
  })

  test('is not needed to hear that reading is over', async () => {
    const { connection, socket, clock, told } = await rigOf()
    socket.reset()
    await clock.rest()
    expect(told).toContain('readable')
    expect(textOf(connection)).toBe('closed')
  })

  test('brings an edge at the end of the turn when something is there already', async () => {
    const { connection, socket, clock, told } = await rigOf()
    socket.arrive('a')
    await clock.rest()
    told.length = 0
    connection.arm()
    await ticks()
    expect(told).toEqual([])
    await clock.endTurn()
    expect(told).toEqual(['readable'])
  })

  test('brings what arrives in the turn of a read at its end, when it may be read', async () => {
    const { connection, socket, clock, told } = await rigOf()
    socket.arrive('a', 'b')
    await clock.rest()
    connection.tryRead()
    told.length = 0
    connection.arm()
    await ticks()
    expect(told).toEqual([])
    await clock.endTurn()
    expect([...told, textOf(connection)]).toEqual(['readable', 'b'])
  })

  test.each([
    ['nothing is there', []],
    ['a chunk is there', ['a']],
    ['reading is over', undefined],
  ])('twice is asking once, when %s', async (_, chunks) => {
    const { connection, socket, clock, told } = await rigOf()
    if (chunks) socket.arrive(...chunks)
    else connection.close()
    await clock.rest()
    told.length = 0
    for (let count = 0; count < 3; count++) connection.arm()
    await clock.rest()
    if (chunks?.length === 0) {
      socket.arrive('a')
      await clock.rest()
    }
    expect(told).toEqual(['readable'])
  })

  test('asks for nothing of the network while too much is held, and has itself called back (R5.6)', async () => {
    const { connection, socket, clock, shared, told } = await rigOf({}, { heldBytesMax: 1024 })
    socket.arrive('a', 'b')
    await clock.rest()
    shared.held.add('queues', 1024)
    told.length = 0
    expect(textOf(connection)).toBe('empty')
    connection.arm()
    await clock.rest()
    expect([told, socket.unreadBytes]).toEqual([['waits-for-memory'], 1])
    shared.held.add('queues', -1)
    connection.wake()
    expect([told, textOf(connection)]).toEqual([['waits-for-memory', 'readable'], 'a'])
  })

  test('does not wait for memory when reading is over', async () => {
    const { connection, clock, shared, told } = await rigOf({}, { heldBytesMax: 1024 })
    shared.held.add('queues', 1024)
    connection.close()
    await clock.rest()
    told.length = 0
    connection.arm()
    await clock.rest()
    expect(told).toEqual(['readable'])
  })
})

describe('reading by promise', () => {
  test('waits for chunks and takes one a turn', async () => {
    const { connection, socket, clock } = await rigOf()
    const first = watch(connection.read())
    await clock.rest()
    expect(first.settled).toBe(false)
    socket.arrive('a', 'b')
    await ticks()
    expect(Buffer.from(first.value!).toString()).toBe('a')
    const second = watch(connection.read())
    await ticks()
    expect(second.settled).toBe(false)
    await clock.endTurn()
    expect(Buffer.from(second.value!).toString()).toBe('b')
  })

  test.each([
    ['FIN', ({ socket }) => socket.fin()],
    ['a reset', ({ socket }) => socket.reset()],
    ['a close without a word', ({ socket }) => void socket.destroy()],
    ['leaving', ({ connection }) => connection.close()],
    ['an abort', ({ connection }) => connection.abort('held-bytes')],
    ['a stop', ({ connection, shared }) => ((shared.stopped = true), connection.wake())],
  ] as readonly (readonly [string, (rig: Rig<FakeSocket>) => void])[])('ends with %s', async (_, end) => {
    const rig = await rigOf()
    const read = watch(rig.connection.read())
    await rig.clock.rest()
    end(rig)
    await rig.clock.rest()
    expect(read).toEqual({ settled: true, value: undefined })
    expect(await rig.connection.read()).toBe(undefined)
  })

  test('goes on when memory is free again', async () => {
    const { connection, socket, clock, shared } = await rigOf({}, { heldBytesMax: 1024 })
    shared.held.add('queues', 1024)
    socket.arrive('a')
    const read = watch(connection.read())
    await clock.rest()
    expect(read.settled).toBe(false)
    shared.held.add('queues', -1024)
    connection.wake()
    await clock.rest()
    expect(Buffer.from(read.value!).toString()).toBe('a')
  })
})

describe('flushing', () => {
  test('hands everything over that is accepted at once', async () => {
    const rig = await rigOf()
    const { connection, socket, clock, told, statistics } = rig
    connection.outgoing.push(bytesOf(200 * KiB))
    expect(connection.flush()).toBe(true)
    expectBytes(socket.accepted, bytesOf(200 * KiB))
    expect(statistics()).toMatchObject({ bytesOut: 200 * KiB, held: { total: 0 } })
    await clock.rest()
    expect(told, 'who did not wait is not told').toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('of nothing is done, and touches nothing', async () => {
    const { connection, socket } = await rigOf({ room: 0 })
    expect(connection.flush()).toBe(true)
    expect(socket.writes).toEqual([])
  })

  clause('R5.3', 'at most about 64 KiB in one outstanding write', 'piece by piece', async () => {
    const { connection, socket, clock, told } = await rigOf({ room: 0 })
    connection.outgoing.push(bytesOf(150 * KiB))
    for (const [pending, left] of [
      [64 * KiB, 150 * KiB],
      [64 * KiB, 86 * KiB],
      [22 * KiB, 22 * KiB],
    ] as const) {
      expect(connection.flush()).toBe(false)
      expect(connection.flush(), 'again').toBe(false)
      expect([socket.pendingBytes, socket.writableLength, connection.outgoing.length]).toEqual([pending, pending, left])
      socket.accept(pending - 1)
      await clock.rest()
      expect([told, connection.outgoing.length]).toEqual([[], left])
      socket.accept(1)
      await clock.rest()
      expect(told.splice(0)).toEqual(['writable'])
    }
    expect(connection.flush()).toBe(true)
    expectBytes(socket.accepted, bytesOf(150 * KiB))
  })

  test('does not take the callbacks of what was accepted at once for those of what is outstanding', async () => {
    const { connection, socket, clock, told, statistics } = await rigOf({ room: 130 * KiB })
    connection.outgoing.push(bytesOf(150 * KiB))
    // Two pieces are accepted at once, 2 KiB of the third.
    expect(connection.flush()).toBe(false)
    await clock.rest()
    expect([told, connection.outgoing.length, statistics().bytesOut]).toEqual([[], 22 * KiB, 128 * KiB])
    socket.accept(Infinity)
    await clock.rest()
    expect([told, connection.outgoing.length, statistics().bytesOut]).toEqual([['writable'], 0, 150 * KiB])
    expectBytes(socket.accepted, bytesOf(150 * KiB))
  })

  test('keeps the bytes of an outstanding piece where they are while more is queued', async () => {
    const { connection, socket, clock } = await rigOf({ room: 0 })
    connection.outgoing.push(bytesOf(1000))
    connection.flush()
    connection.outgoing.push(bytesOf(9000, 1000))
    socket.accept(Infinity)
    await clock.rest()
    expect(connection.flush()).toBe(true)
    expectBytes(socket.accepted, bytesOf(10_000))
  })

  test('hands several segments over in one write', async () => {
    const { connection, socket } = await rigOf()
    connection.outgoing.push(bytesOf(10))
    connection.outgoing.give(bytesToGive(10, 10))
    connection.outgoing.push(bytesOf(10, 20))
    expect(connection.flush()).toBe(true)
    expect([socket.writes, socket.writableCorked]).toEqual([[3], 0])
    expectBytes(socket.accepted, bytesOf(30))
    connection.outgoing.push(bytesOf(10))
    connection.flush()
    expect(socket.writes).toEqual([3, 1])
  })

  test('several segments of which not all are accepted are outstanding together', async () => {
    const { connection, socket, clock, told } = await rigOf({ room: 15 })
    connection.outgoing.push(bytesOf(10))
    connection.outgoing.give(bytesToGive(10, 10))
    expect(connection.flush()).toBe(false)
    await clock.rest()
    expect([told, connection.outgoing.length]).toEqual([[], 20])
    socket.accept(5)
    await clock.rest()
    expect([told, connection.outgoing.length]).toEqual([['writable'], 0])
    expectBytes(socket.accepted, bytesOf(20))
  })

  test('of another queue waits for what is outstanding of this one', async () => {
    const { connection, socket, clock, shared } = await rigOf({ room: 0 })
    const other = new ByteQueue(shared.slabs, () => {})
    connection.outgoing.push(bytesOf(10))
    other.push(bytesOf(10, 10))
    expect([connection.flush(), connection.flush(other)]).toEqual([false, false])
    expect(socket.pendingBytes).toBe(10)
    socket.accept(Infinity)
    await clock.rest()
    expect([connection.outgoing.length, other.length]).toEqual([0, 10])
    expect(connection.flush(other)).toBe(true)
    expectBytes(socket.accepted, bytesOf(20))
  })

  test.each([
    ['at once', 10, ({ socket }: Rig<FakeSocket>) => (socket.writeError = new Error('write EPIPE'))],
    ['late', 0, () => {}],
  ])('what fails %s was not accepted', async (when, room, prepare) => {
    const rig = await rigOf({ room })
    const { connection, socket, clock, statistics } = rig
    prepare(rig)
    connection.outgoing.push(bytesOf(100 * KiB))
    expect(connection.flush()).toBe(false)
    if (when === 'late') socket.failWrite(new Error('write EPIPE'))
    await clock.rest()
    expect(statistics()).toMatchObject({ bytesOut: 0, drops: { aborted: { bytes: 100 * KiB } } })
    expect([connection.state, reasonOf(rig)]).toEqual(['closed', 'reset'])
    expectNoTrace(rig)
  })

  test('several segments to a socket that is destroyed by them leaves nothing behind', async () => {
    class Fragile extends FakeSocket {
      override _writev(): void {
        this.destroy()
      }
    }
    const rig = await rigWith(new Fragile())
    rig.connection.outgoing.push(bytesOf(10))
    rig.connection.outgoing.give(bytesToGive(10, 10))
    rig.connection.flush()
    expect(rig.socket.writableCorked).toBe(0)
    await rig.clock.rest()
    expect([reasonOf(rig), rig.statistics().drops.aborted.bytes]).toEqual(['reset', 20])
    expectNoTrace(rig)
  })

  test('on a socket that is gone without a word yet drops, and counts what it drops', async () => {
    const rig = await rigOf()
    const { connection, socket, clock, statistics } = rig
    socket.holdsClose = true
    socket.destroy()
    connection.outgoing.push(bytesOf(100))
    connection.flush()
    await clock.rest()
    expect(connection.outgoing.length).toBe(0)
    expect(statistics()).toMatchObject({ bytesOut: 0, drops: { aborted: { sends: 0, bytes: 100 } } })
    socket.finishClose()
    await clock.rest()
    expect(reasonOf(rig)).toBe('reset')
    expectNoTrace(rig)
  })

  test('after an abort drops what comes late, and counts it', async () => {
    const rig = await rigOf()
    const other = new ByteQueue(rig.shared.slabs, () => {})
    rig.connection.abort('reset')
    other.push(bytesOf(70 * KiB))
    expect(rig.connection.flush(other)).toBe(true)
    expect([other.length, other.held]).toEqual([0, 0])
    expect(rig.statistics().drops.aborted).toEqual({ sends: 0, bytes: 70 * KiB })
  })
})

describe('flushing by promise', () => {
  test('settles at once when everything is accepted', async () => {
    const { connection, shared, socket } = await rigOf()
    connection.outgoing.push(bytesOf(100))
    const flushed = connection.flushed(writer)
    expect(shared.waits.edges()).toEqual([])
    await flushed
    expectBytes(socket.accepted, bytesOf(100))
  })

  test('waits, visibly, until the last piece is accepted', async () => {
    const { connection, socket, clock, shared } = await rigOf({ room: 0 })
    connection.outgoing.push(bytesOf(100 * KiB))
    const flushed = watch(connection.flushed(writer))
    for (let count = 0; count < 2; count++) {
      await clock.rest()
      expect(flushed.settled).toBe(false)
      expect(shared.waits.render()).toBe('the writer waits for client 1 to read')
      socket.accept(64 * KiB)
    }
    await clock.rest()
    expect([flushed.settled, shared.waits.edges()]).toEqual([true, []])
  })

  test.each(['abort', 'reset', 'destroy'] as const)('settles when the connection is gone: %s', async (end) => {
    const rig = await rigOf({ room: 0 })
    rig.connection.outgoing.push(bytesOf(100))
    const flushed = watch(rig.connection.flushed(writer))
    await rig.clock.rest()
    if (end === 'abort') rig.connection.abort('held-bytes')
    else rig.socket[end]()
    await rig.clock.rest()
    expect(flushed.settled).toBe(true)
    expectNoTrace(rig)
  })

  test('an end while it waits is recorded with who waited, and with the error', async () => {
    const { connection, socket, clock, statistics } = await rigOf({ room: 0 })
    connection.outgoing.push(bytesOf(100))
    void connection.flushed(writer)
    socket.reset()
    await clock.rest()
    expect(statistics().lastCloses).toMatchObject([{ reason: 'reset', code: 'ECONNRESET', by: writer }])
  })

  test('an end when nobody waits any more names nobody', async () => {
    const { connection, socket, clock, statistics } = await rigOf({ room: 0 })
    connection.outgoing.push(bytesOf(100))
    void connection.flushed(writer)
    socket.accept(100)
    await clock.rest()
    connection.abort('held-bytes')
    await clock.rest()
    const [close] = statistics().lastCloses
    expect(close).toMatchObject({ reason: 'held-bytes' })
    expect(close).not.toHaveProperty('by')
    expect(close).not.toHaveProperty('code')
  })
})

describe('the write deadline', () => {
  const writeDeadlineMs = 1000
  const quote = 'accepted *none* of them for so long is aborted'

  clause('R5.3', quote, 'not a millisecond sooner', async () => {
    const rig = await rigOf({ room: 0 }, { writeDeadlineMs })
    const { connection, clock, told, statistics } = rig
    connection.outgoing.push(bytesOf(100))
    clock.advance(5000)
    connection.flush()
    clock.advance(writeDeadlineMs - 1)
    await clock.rest()
    expect([connection.state, told]).toEqual(['connected', []])
    clock.advance(1)
    expect(connection.state).toBe('closed')
    await clock.rest()
    expect(reasonOf(rig)).toBe('write-deadline')
    expect(statistics()).toMatchObject({ bytesOut: 0, drops: { aborted: { sends: 0, bytes: 100 } } })
    expectNoTrace(rig)
  })

  clause('R5.3', 'Accepting some is progress, however long one message takes', 'each piece has its own', async () => {
    const { connection, socket, clock } = await rigOf({ room: 0 }, { writeDeadlineMs })
    connection.outgoing.push(bytesOf(200 * KiB))
    for (let count = 0; count < 3; count++) {
      expect(connection.flush()).toBe(false)
      clock.advance(writeDeadlineMs - 1)
      socket.accept(64 * KiB)
      await clock.rest()
    }
    expect(connection.flush()).toBe(false)
    clock.advance(writeDeadlineMs - 1)
    expect([connection.state, clock.pending]).toEqual(['connected', 1])
    clock.advance(1)
    expect(connection.state).toBe('closed')
  })

  clause('R5.3', 'a client for which bytes are queued', 'an idle one has no deadline', async () => {
    const { connection, socket, clock } = await rigOf({ room: 100 }, { writeDeadlineMs })
    connection.outgoing.push(bytesOf(100))
    connection.flush()
    await clock.rest()
    clock.advance(10 * writeDeadlineMs)
    connection.outgoing.push(bytesOf(100))
    connection.flush()
    clock.advance(writeDeadlineMs / 2)
    socket.accept(100)
    clock.advance(10 * writeDeadlineMs)
    await clock.rest()
    expect([connection.state, clock.pending]).toEqual(['connected', 0])
  })

  clause('R5.3', quote, 'also of one that is closing', async () => {
    const rig = await rigOf({ room: 0 }, { writeDeadlineMs })
    rig.connection.outgoing.push(bytesOf(100))
    rig.connection.close('protocol-close')
    rig.connection.flush()
    rig.clock.advance(writeDeadlineMs)
    await rig.clock.rest()
    expect(reasonOf(rig)).toBe('write-deadline')
    expectNoTrace(rig)
  })
})

describe('in a hurry', () => {
  const quote = 'a write that is not accepted at once aborts its client'

  clause('R4.3', quote, 'so does one that is outstanding already', async () => {
    const rig = await rigOf({ room: 0 })
    rig.connection.outgoing.push(bytesOf(100))
    rig.connection.flush()
    rig.shared.hurried = true
    rig.connection.hurry()
    expect(rig.connection.state).toBe('closed')
    await rig.clock.rest()
    expect([reasonOf(rig), rig.statistics().drops.aborted.bytes]).toEqual(['shutdown-deadline', 100])
    expectNoTrace(rig)
  })

  clause('R4.3', quote, 'later ones too, and they are over with it', async () => {
    const rig = await rigOf({ room: 64 * KiB })
    rig.shared.hurried = true
    rig.connection.outgoing.push(bytesOf(100 * KiB))
    expect(rig.connection.flush()).toBe(true)
    expect(rig.connection.state).toBe('closed')
    await rig.clock.rest()
    expect(reasonOf(rig)).toBe('shutdown-deadline')
    expect(rig.statistics()).toMatchObject({ bytesOut: 64 * KiB, drops: { aborted: { bytes: 36 * KiB } } })
    expectNoTrace(rig)
  })

  clause('R4.3', quote, 'who reads is not hurt', async () => {
    const { connection, socket, shared } = await rigOf()
    shared.hurried = true
    connection.hurry()
    connection.outgoing.push(bytesOf(100))
    expect([connection.flush(), connection.state]).toEqual([true, 'connected'])
    expectBytes(socket.accepted, bytesOf(100))
  })
})

describe('closing', () => {
  test('goes only to the right, and is told once', async () => {
    const { connection, clock, told } = await rigOf()
    expect([connection.state, connection.connected]).toEqual(['connected', true])
    connection.close('protocol-close')
    connection.close()
    expect([connection.state, connection.connected, told]).toEqual(['closing', false, ['closing']])
    connection.connect()
    expect(connection.state).toBe('closing')
    connection.abort('reset')
    connection.close()
    connection.connect()
    expect(connection.state).toBe('closed')
    await clock.rest()
    expect(told.filter((what) => what === 'closing')).toEqual(['closing'])
  })

  clause('R4.1', 'What was queued for it before is flushed; then the server closes', 'in that order', async () => {
    const rig = await rigOf({ room: 0 })
    const { connection, socket, clock, told } = rig
    connection.outgoing.push(bytesOf(100))
    socket.fin()
    await clock.rest()
    connection.tryRead()
    await clock.rest()
    expect(connection.tryRead().state).toBe('closed')
    connection.close()
    expect(connection.flush()).toBe(false)
    socket.accept(Infinity)
    await clock.rest()
    expect([connection.flush(), socket.finSent]).toEqual([true, false])
    connection.end()
    await clock.rest()
    expectBytes(socket.accepted, bytesOf(100))
    expect([socket.finSent, connection.state, reasonOf(rig)]).toEqual([true, 'closed', 'client-fin'])
    expect(told.filter((what) => what === 'closed')).toEqual(['closed'])
    expectNoTrace(rig)
  })

  test.each([
    ['client-fin', undefined, true, 'client-fin'],
    ['server-shutdown', undefined, false, 'server-shutdown'],
    ['the one that is given', 'protocol-close', true, 'protocol-close'],
  ] as const)('has a reason: %s', async (_, given, fin, expected) => {
    const rig = await rigOf()
    if (fin) rig.socket.fin()
    await rig.clock.rest()
    rig.connection.tryRead()
    await rig.clock.rest()
    rig.connection.close(given)
    rig.connection.end()
    if (!fin) rig.socket.fin()
    await rig.clock.rest()
    expect(reasonOf(rig)).toBe(expected)
  })

  clause('4', 'read and discard until the client closes', 'whatever it still sends, and count none of it', async () => {
    const rig = await rigOf()
    const { connection, socket, clock, statistics } = rig
    socket.arrive('read in time')
    await clock.rest()
    connection.tryRead()
    socket.arrive('one', 'two')
    connection.arm()
    await clock.rest()
    connection.close('protocol-close')
    socket.arrive('three')
    connection.end()
    socket.arrive('four')
    for (let count = 0; count < 5; count++) await clock.endTurn()
    expect([socket.unreadBytes, socket.finSent, socket.destroyed]).toEqual([0, true, false])
    socket.arrive('five')
    socket.fin()
    for (let count = 0; count < 5; count++) await clock.endTurn()
    expect(statistics()).toMatchObject({ bytesIn: 12, lastCloses: [{ reason: 'protocol-close', bytesIn: 12 }] })
    expectNoTrace(rig)
  })

  clause('4', 'read and discard until the client closes', 'one read a turn, as of everybody', async () => {
    const { connection, socket, clock } = await rigOf()
    const chunks = Array.from({ length: 10 }, () => 'a')
    for (const end of [() => connection.close('protocol-close'), () => connection.end()]) {
      socket.arrive(...chunks)
      await clock.rest()
      let before = socket.bytesRead
      end()
      for (let turn = 0; turn < 4; turn++) {
        await ticks()
        expect(socket.bytesRead - before).toBeLessThanOrEqual(1)
        before = socket.bytesRead
        await clock.endTurn()
      }
    }
    await clock.rest()
    expect(socket.unreadBytes).toBe(0)
  })

  clause('4', 'read and discard until the client closes', 'also of a chunk of which a part was read', async () => {
    const rig = await rigOf({}, { readBytesMax: 2 })
    rig.socket.arrive('abcde')
    await rig.clock.rest()
    rig.connection.tryRead()
    rig.connection.close('protocol-close')
    rig.connection.end()
    await rig.clock.rest()
    expect(rig.connection.socketBytes).toBe(0)
  })

  test.each([999, 1000])('R5.5 "`lingerMs` bounds closing", counted from FIN: after %d of 1,000 ms', async (ms) => {
    const rig = await rigOf({}, { lingerMs: 1000 })
    const { connection, socket, clock } = rig
    connection.close('protocol-close')
    clock.advance(700)
    connection.end()
    clock.advance(ms)
    await clock.rest()
    expect([socket.destroyed, reasonOf(rig)]).toEqual(ms < 1000 ? [false, undefined] : [true, 'protocol-close'])
    if (ms === 1000) expectNoTrace(rig)
  })

  test('twice is once: neither FIN nor the lingering starts anew', async () => {
    const rig = await rigOf({}, { lingerMs: 1000 })
    rig.connection.close('protocol-close')
    rig.connection.end()
    rig.clock.advance(999)
    rig.connection.end()
    expect(rig.clock.pending).toBe(1)
    rig.clock.advance(1)
    rig.connection.end()
    await rig.clock.rest()
    expect(reasonOf(rig)).toBe('protocol-close')
    expectNoTrace(rig)
  })

  test('cannot end before it leaves, nor after an abort', async () => {
    const { connection, socket, clock } = await rigOf()
    connection.end()
    expect([socket.writableEnded, clock.pending]).toEqual([false, 0])
    socket.holdsClose = true
    connection.abort('reset')
    connection.end()
    expect([socket.writableEnded, clock.pending]).toEqual([false, 0])
  })

  test('the client’s FIN may come before the server’s', async () => {
    const rig = await rigOf({ room: 0 })
    const { connection, socket, clock } = rig
    connection.outgoing.push(bytesOf(10))
    connection.close('protocol-close')
    connection.flush()
    socket.fin()
    await clock.rest()
    expect(connection.state).toBe('closing')
    socket.accept(Infinity)
    await clock.rest()
    connection.flush()
    connection.end()
    await clock.rest()
    expect([reasonOf(rig), rig.statistics().bytesOut]).toEqual(['protocol-close', 10])
    expectNoTrace(rig)
  })

  test.each([
    ['an error', ({ socket }) => socket.reset(), 'reset'],
    ['a close without a word', ({ socket }) => void socket.destroy(), 'reset'],
    ['an abort', ({ connection }) => connection.abort('shutdown-deadline'), 'shutdown-deadline'],
  ] as readonly (readonly [string, (rig: Rig<FakeSocket>) => void, CloseReason])[])(
    '%s while the queue is flushed takes its reason, once',
    async (_, end, reason) => {
      const rig = await rigOf({ room: 0 })
      rig.connection.outgoing.push(bytesOf(10))
      rig.connection.close('protocol-close')
      rig.connection.flush()
      end(rig)
      await rig.clock.rest()
      expect([rig.connection.state, reasonOf(rig)]).toEqual(['closed', reason])
      expect(rig.told.filter((what) => what === 'closing' || what === 'closed')).toEqual(['closing', 'closed'])
      expect(rig.statistics().drops.aborted.bytes).toBe(10)
      expectNoTrace(rig)
    },
  )

  test('an error behind FIN is the reason in the end, and is counted once', async () => {
    const rig = await rigOf()
    rig.connection.close('protocol-close')
    rig.connection.end()
    await rig.clock.rest()
    rig.socket.reset()
    await rig.clock.rest()
    expect([rig.connection.state, reasonOf(rig)]).toEqual(['closed', 'reset'])
    expectNoTrace(rig)
  })
})

describe('aborting', () => {
  const reasons: readonly AbortReason[] = [
    'message-too-long',
    'write-deadline',
    'held-bytes',
    'shutdown-deadline',
    'reset',
  ]

  test.each(reasons)('discards what is queued, counts it, and says why: %s', async (reason) => {
    const rig = await rigOf({ room: 0 })
    const { connection, socket, clock, told, statistics } = rig
    connection.outgoing.push(bytesOf(100 * KiB))
    connection.flush()
    socket.arrive('unread')
    await clock.rest()
    told.length = 0
    connection.abort(reason)
    expect([connection.state, connection.outgoing.length, connection.full, told]).toEqual([
      'closed',
      0,
      false,
      ['closing'],
    ])
    await clock.rest()
    expect(told).toEqual(['closing', 'closed', 'readable', 'writable'])
    expect([socket.destroyed, socket.finSent, reasonOf(rig)]).toEqual([true, false, reason])
    expect(statistics()).toMatchObject({ bytesOut: 0, drops: { aborted: { sends: 0, bytes: 100 * KiB } } })
    expectNoTrace(rig)
  })

  test('counts what was outstanding of another queue too, once', async () => {
    const rig = await rigOf({ room: 0 })
    const other = new ByteQueue(rig.shared.slabs, () => {})
    other.push(bytesOf(100 * KiB))
    rig.connection.flush(other)
    rig.connection.outgoing.push(bytesOf(10))
    rig.connection.abort('held-bytes')
    expect([other.length, other.held, rig.connection.flush(other)]).toEqual([0, 0, true])
    expect(rig.statistics().drops.aborted.bytes).toBe(100 * KiB + 10)
  })

  test('a second time is harmless, whatever its reason, before or after the socket is gone', async () => {
    const rig = await rigOf({ room: 0 })
    rig.socket.holdsClose = true
    rig.connection.outgoing.push(bytesOf(100))
    rig.connection.flush()
    rig.connection.abort('held-bytes')
    rig.connection.abort('reset')
    await rig.clock.rest()
    expect(reasonOf(rig), 'before the socket is gone').toBe(undefined)
    rig.socket.finishClose()
    await rig.clock.rest()
    rig.connection.abort('reset')
    await rig.clock.rest()
    expect([reasonOf(rig), rig.statistics().drops.aborted.bytes]).toEqual(['held-bytes', 100])
    expect(rig.told.toSorted()).toEqual(['closed', 'closing', 'readable', 'writable'])
    expectNoTrace(rig)
  })

  test.each([undefined, new Error('write ECANCELED')])(
    'a callback that comes late changes nothing: %s',
    async (error) => {
      const rig = await rigOf({ room: 0 })
      const { connection, socket, clock, told, statistics } = rig
      socket.holdsClose = true
      connection.outgoing.push(bytesOf(100 * KiB))
      connection.flush()
      connection.abort('write-deadline')
      await clock.rest()
      const before = [...told]
      if (error) socket.failWrite(error)
      else socket.accept(Infinity)
      await clock.rest()
      expect(told).toEqual(before)
      expect(statistics()).toMatchObject({ bytesOut: 0, drops: { aborted: { bytes: 100 * KiB } } })
      socket.finishClose()
      await clock.rest()
      expect([reasonOf(rig), told]).toEqual(['write-deadline', [...before, 'closed']])
      expectNoTrace(rig)
    },
  )

  test('the memory of an outstanding write is not used again', async () => {
    const rig = await rigOf({ room: 0 })
    const { connection, socket, shared } = rig
    socket.holdsClose = true
    connection.outgoing.push(bytesOf(1000))
    connection.flush()
    connection.abort('write-deadline')
    const other = new ByteQueue(shared.slabs, () => {})
    other.push(new Uint8Array(5000).fill(255))
    socket.accept(Infinity)
    expectBytes(socket.accepted, bytesOf(1000))
  })

  test('or closing is possible before the client is told that it is connected, and it never is', async () => {
    const { shared } = await rigOf()
    const owner = { edges: {}, waitsForMemory: () => {}, drained: () => {}, closing: () => {}, closed: () => {} }
    const [aborts, closes] = [2, 3].map((id) => new Connection(id, 'client', new FakeSocket(), shared, owner))
    expect([aborts?.state, closes?.state]).toEqual(['accepted', 'accepted'])
    aborts?.abort('reset')
    closes?.close()
    for (const connection of [aborts, closes]) connection?.connect()
    expect([aborts?.state, closes?.state]).toEqual(['closed', 'closing'])
  })

  test('resets a socket that can be reset, once', async () => {
    const rig = await rigWith(new ResettableSocket())
    rig.connection.abort('write-deadline')
    rig.connection.abort('write-deadline')
    await rig.clock.rest()
    expect([rig.socket.resets, rig.socket.destroyed, reasonOf(rig)]).toEqual([1, true, 'write-deadline'])
  })

  test('destroys a socket that only looks as if it could be reset, such as one of TLS or of a path', async () => {
    class Unresettable extends FakeSocket {
      resetAndDestroy(): never {
        throw Object.assign(new TypeError('This handle type cannot be sent'), { code: 'ERR_INVALID_HANDLE_TYPE' })
      }
    }
    const rig = await rigWith(new Unresettable())
    rig.connection.abort('write-deadline')
    await rig.clock.rest()
    expect([rig.socket.destroyed, reasonOf(rig)]).toEqual([true, 'write-deadline'])
    expectNoTrace(rig)
  })

  test('does not reset a socket whose FIN is on its way: the kernel would refuse, and its close never come', async () => {
    const rig = await rigWith(new ResettableSocket())
    rig.socket.holdsFin = true
    rig.connection.close('protocol-close')
    rig.connection.end()
    rig.connection.abort('shutdown-deadline')
    await rig.clock.rest()
    expect([rig.socket.resets, rig.socket.destroyed, reasonOf(rig)]).toEqual([0, true, 'shutdown-deadline'])
    expectNoTrace(rig)
  })

  test('resets a socket whose FIN is out', async () => {
    const rig = await rigWith(new ResettableSocket())
    rig.connection.close('protocol-close')
    rig.connection.end()
    await rig.clock.rest()
    rig.connection.abort('shutdown-deadline')
    await rig.clock.rest()
    expect([rig.socket.resets, reasonOf(rig)]).toEqual([1, 'shutdown-deadline'])
    expectNoTrace(rig)
  })
})

describe('in any order of arrivals, calls and turns', () => {
  const anyLength = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 150_000 }))

  test('every byte is read, in order, a piece a turn, and none that nobody asked for', async () => {
    const anyCall = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const), length: anyLength }),
      fc.record({ kind: fc.constantFrom('read' as const, 'arm' as const, 'turn' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall, { maxLength: 40 }),
        fc.constantFrom(1, 1000, READ_BYTES),
        async (calls, max) => {
          const readBytesMax = Math.max(
            max,
            Math.ceil(sum(calls.map((call) => ('length' in call ? call.length : 0))) / 50),
          )
          const { connection, socket, clock, statistics } = await rigOf({}, { readBytesMax })
          const pieces: Uint8Array[] = []
          let arrived = 0
          let readThisTurn = 0
          function read(): boolean {
            const taken = connection.tryRead()
            if (taken.state === 'ok') {
              pieces.push(Uint8Array.from(taken.chunk))
              readThisTurn++
              expect(taken.chunk.length).toBeLessThanOrEqual(Math.min(readBytesMax, READ_BYTES))
            }
            expect(readThisTurn, 'pieces in a turn').toBeLessThanOrEqual(1)
            return taken.state !== 'closed'
          }
          async function endTurn(): Promise<void> {
            await clock.endTurn()
            readThisTurn = 0
          }
          for (const call of calls) {
            switch (call.kind) {
              case 'arrive':
                socket.arrive(bytesOf(call.length, arrived))
                arrived += call.length
                break
              case 'read':
                read()
                break
              case 'arm':
                connection.arm()
                break
              case 'turn':
                await endTurn()
            }
          }
          socket.fin()
          while (read()) {
            connection.arm()
            await endTurn()
          }
          expectBytes(Buffer.concat(pieces), bytesOf(arrived))
          expect(statistics()).toMatchObject({ bytesIn: arrived, held: { total: 0 } })
        },
      ),
      { numRuns: 50 },
    )
  })

  test('every byte is written, in order, and of no more than 64 KiB it is unknown whether', async () => {
    const anyCall = fc.oneof(
      fc.record({ kind: fc.constantFrom('push' as const, 'give' as const, 'accept' as const), length: anyLength }),
      fc.record({ kind: fc.constantFrom('flush' as const, 'turn' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { maxLength: 40 }), anyLength, async (calls, room) => {
        const { connection, socket, clock, statistics, told } = await rigOf({ room })
        let queued = 0
        for (const call of calls) {
          switch (call.kind) {
            case 'push':
            case 'give':
              connection.outgoing[call.kind](bytesOf(call.length, queued))
              queued += call.length
              break
            case 'accept':
              socket.accept(call.length)
              break
            case 'flush':
              if (connection.flush()) expect(connection.outgoing.length, 'closing').toBe(0)
              break
            case 'turn':
              await clock.endTurn()
          }
          expect(socket.writableLength).toBeLessThanOrEqual(READ_BYTES)
          expect(statistics().bytesOut).toBeLessThanOrEqual(socket.accepted.length)
          expect(statistics().held.queues).toBe(connection.outgoing.held)
        }
        await clock.rest()
        const stalled = !connection.flush()
        told.length = 0
        socket.accept(Infinity)
        await clock.rest()
        expect(told, 'one edge for who was told to wait').toEqual(stalled ? ['writable'] : [])
        expect(connection.flush()).toBe(true)
        await clock.rest()
        expectBytes(socket.accepted, bytesOf(queued))
        expect(statistics()).toMatchObject({ bytesOut: queued, held: { total: 0 } })
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

test('edges come from I/O and at ends of turns, never from inside a call of the pattern’s', async () => {
  const calls: Readonly<Record<string, (connection: Connection) => void>> = {
    tryRead: (connection) => void connection.tryRead(),
    arm: (connection) => connection.arm(),
    release: (connection) => connection.release(),
    flush: (connection) => void connection.flush(),
    leave: (connection) => connection.close('protocol-close'),
    end: (connection) => connection.end(),
    abort: (connection) => connection.abort('held-bytes'),
    hurry: (connection) => connection.hurry(),
  }
  for (const before of [[], ['a'], ['a', 'b']]) {
    for (const [name, call] of Object.entries(calls)) {
      const rig = await rigOf({ room: 64 * KiB })
      rig.socket.arrive(...before)
      rig.connection.outgoing.push(bytesOf(100 * KiB))
      rig.connection.flush()
      await rig.clock.rest()
      rig.told.length = 0
      call(rig.connection)
      expect(rig.told, name).not.toContain('readable')
      expect(rig.told, name).not.toContain('writable')
    }
  }
})

test('R5.4: it is full as soon as what it holds reaches the bound', async () => {
  const { connection } = await rigOf({}, { queuedBytesMax: 8 * KiB, messageBytesMax: 1 })
  connection.outgoing.give(new Uint8Array(4 * KiB))
  connection.outgoing.give(new Uint8Array(4 * KiB - 1))
  expect([connection.outgoing.held, connection.full]).toEqual([8 * KiB - 1, false])
  connection.outgoing.give(new Uint8Array(KiB).subarray(0, 1))
  expect(connection.outgoing.length).toBe(8 * KiB)
  connection.outgoing.clear()
  // What counts is the capacity, not the payload.
  connection.outgoing.give(new Uint8Array(4 * KiB).subarray(0, 1))
  connection.outgoing.give(new Uint8Array(4 * KiB).subarray(0, 1))
  expect(connection.full).toBe(true)
  expect(connection.flush()).toBe(true)
  expect(connection.full).toBe(false)
})
