import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Connection } from '../../src/connection/connection.ts'
import { READ_BYTES } from '../../src/limits.ts'
import { bytesOf, expectBytes, KiB, sum } from '../support.ts'
import { rigOf } from './rig.ts'

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
