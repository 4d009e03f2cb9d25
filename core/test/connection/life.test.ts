import { describe, expect, test } from 'vitest'
import { ByteQueue } from '../../src/byte-queue.ts'
import { Connection } from '../../src/connection/connection.ts'
import { READ_BYTES } from '../../src/limits.ts'
import type { AbortReason, CloseReason } from '../../src/protocol.ts'
import { bytesOf, clause, expectBytes, FakeSocket, KiB, ResettableSocket, ticks } from '../support.ts'
import { rigOf, rigWith, reasonOf, expectNoTrace } from './rig.ts'
import type { Rig } from './rig.ts'

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
