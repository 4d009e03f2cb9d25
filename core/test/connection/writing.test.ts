import { describe, expect, test } from 'vitest'
import { ByteQueue } from '../../src/byte-queue.ts'
import { bytesOf, bytesToGive, clause, expectBytes, FakeSocket, KiB } from '../support.ts'
import { writer, rigOf, rigWith, reasonOf, watch, expectNoTrace } from './rig.ts'
import type { Rig } from './rig.ts'

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

  test('tells a stream of this process which memory it need not copy: what was given, and no slab', async () => {
    class Local extends FakeSocket {
      readonly peerUnreadBytes = 0
      readonly owned: Uint8Array[] = []

      own(bytes: Uint8Array): void {
        this.owned.push(bytes)
      }
    }
    const { connection, socket } = await rigWith(new Local())
    const given = bytesToGive(10, 10)
    connection.outgoing.push(bytesOf(10))
    connection.outgoing.give(given)
    expect(connection.flush()).toBe(true)
    expectBytes(socket.accepted, bytesOf(20))
    expect(socket.owned).toEqual([given])
    expect(socket.owned[0]?.buffer).toBe(given.buffer)
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

  test('of a queue beside its own may wait for the end of the turn, if it is little, until the server stops', async () => {
    const gathered: unknown[] = []
    const { connection, socket, shared } = await rigOf({}, { gather: (one) => gathered.push(one) })
    const other = new ByteQueue(shared.slabs, () => {})
    connection.outgoing.push(bytesOf(1))
    connection.flush()
    expect(gathered).toEqual([])
    other.push(bytesOf(32 * KiB + 1))
    connection.flush(other)
    expect(gathered).toEqual([])
    other.push(bytesOf(32 * KiB))
    connection.flush(other)
    expect(gathered).toEqual([socket])
    shared.stopped = true
    other.push(bytesOf(1))
    connection.flush(other)
    expect(gathered).toEqual([socket])
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
