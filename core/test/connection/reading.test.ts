import { describe, expect, test } from 'vitest'
import { READ_BYTES } from '../../src/limits.ts'
import { bytesOf, clause, expectBytes, ticks } from '../support.ts'
import type { FakeSocket } from '../support.ts'
import { rigOf, textOf, watch } from './rig.ts'
import type { Rig } from './rig.ts'

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

  test('is spent by its edge: what comes then is told of when somebody arms again', async () => {
    const { connection, socket, clock, told } = await rigOf()
    connection.arm()
    socket.arrive('a')
    await clock.rest()
    expect(textOf(connection)).toBe('a')
    socket.arrive('b')
    socket.read(0)
    await clock.rest()
    expect(told).toEqual(['readable'])
    expect(textOf(connection)).toBe('b')
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
