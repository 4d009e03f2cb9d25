/** `offerAll`: what is offered to a group is kept once, and each member has the same of it as of an offer of its own. */
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ByteQueue, mergeSegments, Slabs } from '../src/byte-queue.ts'
import type { Connection } from '../src/connection/connection.ts'
import { GroupBuffer } from '../src/group-buffer.ts'
import type { ClientId, Outbox } from '../src/protocol.ts'
import { Fellows, Finishing, Rig } from './rig.ts'
import { bytesOf, expectBytes, KiB, ResettableSocket, ticks } from './support.ts'
import type { FakeSocket } from './support.ts'

const BOUND = 64 * KiB

interface Crowd {
  readonly rig: Rig
  readonly group: Fellows
  readonly members: readonly { readonly connection: Connection; readonly socket: FakeSocket }[]
  readonly step: (does: (out: Outbox) => void) => void
  readonly flush: () => void
  readonly queues: () => number
}

/** A group of so many members, whose sockets accept so much, and somebody else who takes the steps. */
function crowd(count: number, room = Infinity, rig: Rig = new Rig({ queuedBytesMax: BOUND })): Crowd {
  const { connection: speaker } = rig.connect()
  const members = Array.from({ length: count }, () => rig.connect({ room }))
  return {
    rig,
    group: new Fellows(...members.map(({ connection }) => connection.id)),
    members,
    step: (does) => void rig.step(speaker, does),
    flush: () => {
      for (const connection of rig.connections.takeDirty()) connection.flush()
    },
    queues: () => rig.connections.statistics().held.queues,
  }
}

describe('what is offered to a group', () => {
  test('comes to each member in its place among what that is sent alone', () => {
    const { group, members, step, flush, queues } = crowd(3)
    step((out) => {
      out.offerAll(group, bytesOf(10))
      out.send(3, bytesOf(5, 10))
      out.offerAll(group, bytesOf(10, 15))
      out.offerAll(group, bytesOf(10, 25))
    })
    flush()
    expectBytes(members.at(1)!.socket.accepted, bytesOf(35))
    expectBytes(members.at(0)!.socket.accepted, Buffer.concat([bytesOf(10), bytesOf(20, 15)]))
    expectBytes(members.at(2)!.socket.accepted, Buffer.concat([bytesOf(10), bytesOf(20, 15)]))
    expect(queues()).toBe(0)
  })

  test('is kept once, however many do not read it', () => {
    const { group, members, step, flush, queues } = crowd(100, 0)
    for (let turn = 0; turn < 20; turn++) {
      step((out) => {
        for (let line = 0; line < 10; line++) out.offerAll(group, bytesOf(50, turn * 500 + line * 50))
      })
      flush()
    }
    // Slabs of 1, 2, 4 and 8 KiB, each as large as all before it and a little more.
    expect(queues()).toBe(15 * KiB)
    for (const { connection } of members) expect(connection.queuedBytes).toBe(15 * KiB)
    for (const { socket } of members) socket.accept(10_000)
    for (const { socket, connection } of members) {
      expect(connection.flush()).toBe(true)
      expectBytes(socket.accepted, bytesOf(10_000))
    }
    expect(queues()).toBe(0)
  })

  test('leaves in one write for all of a turn, and in the same piece of memory for all members', () => {
    const { group, members, step, flush } = crowd(3)
    const seen = new Set<ArrayBufferLike>()
    for (const { socket } of members) {
      const write = socket.write.bind(socket)
      socket.write = (piece: Uint8Array, ...rest: never[]) => {
        seen.add(piece.buffer)
        return write(piece, ...rest)
      }
    }
    for (let turn = 0; turn < 2; turn++) {
      step((out) => {
        for (let line = 0; line < 100; line++) out.offerAll(group, bytesOf(9, line * 9))
      })
      flush()
    }
    for (const { socket } of members) expect(socket.writes).toEqual([1, 1])
    expect(seen.size, 'pieces of memory, in two turns').toBe(1)
  })

  test('is in as many slabs as it takes', () => {
    const { group, members, step, flush, queues } = crowd(2, 0)
    step((out) => {
      out.offerAll(group, bytesOf(100))
      out.offerAll(group, bytesOf(25_000, 100))
    })
    flush()
    expect(queues()).toBeGreaterThanOrEqual(25_100)
    for (const { socket, connection } of members) {
      socket.accept(Infinity)
      connection.flush()
      expectBytes(socket.accepted, bytesOf(25_100))
    }
    expect(queues()).toBe(0)
  })

  test('leaves in one piece also in a turn that brings more than the few before it', () => {
    const { group, members, step, flush } = crowd(2)
    const pieces: number[] = []
    for (const lines of [40, 10, 10, 10, 40, 15, 20, 5, 38]) {
      step((out) => {
        for (let line = 0; line < lines; line++) out.offerAll(group, bytesOf(50))
      })
      const { socket } = members.at(0)!
      const write = vi.spyOn(socket, 'write')
      flush()
      pieces.push(write.mock.calls.length)
      write.mockRestore()
    }
    // The first turn has slabs of 1 and 2 KiB: nothing was offered before.
    expect(pieces).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1])
  })

  test('takes a first slab as large as what was offered lately', () => {
    const { group, members, step, flush } = crowd(1)
    const many = (out: Outbox): void => {
      for (let line = 0; line < 30; line++) out.offerAll(group, bytesOf(100))
    }
    step(many)
    flush()
    step(many)
    expect(members.at(0)!.connection.queuedBytes).toBe(4 * KiB)
    flush()
    expect(members.at(0)!.socket.writes).toEqual([2, 1])
    const slabs: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      step((out) => out.offerAll(group, bytesOf(10)))
      slabs.push(members.at(0)!.connection.queuedBytes / KiB)
      flush()
    }
    expect(slabs).toEqual([4, 4, 4, 2, 2, 2, 2, 2, 2, 1])
  })

  test('of no length is nothing, and of what is no part of its bytes an error', () => {
    const { group, step, flush, queues, members } = crowd(2)
    step((out) => expect(out.offerAll(group, new Uint8Array(0))).toEqual([]))
    flush()
    expect([queues(), members.at(0)!.connection.queuedBytes]).toEqual([0, 0])
    for (const [start, end] of [
      [0, 11],
      [-1, 3],
      [4, 3],
    ] as const) {
      step((out) => expect(() => out.offerAll(group, bytesOf(10), start, end)).toThrow(RangeError))
    }
  })
})

test('a group is asked for its members when they have changed, and not with each message', () => {
  const { rig, group, step, flush } = crowd(2)
  let asked = 0
  const counted = { [Symbol.iterator]: () => (asked++, group[Symbol.iterator]()), version: 0 }
  for (let turn = 0; turn < 3; turn++) {
    step((out) => {
      for (let line = 0; line < 5; line++) out.offerAll(counted, bytesOf(9))
    })
    flush()
  }
  expect(asked).toBe(1)
  group.add(77)
  counted.version++
  step((out) => out.offerAll(counted, bytesOf(9)))
  counted.version++
  step((out) => out.offerAll(counted, bytesOf(9)))
  expect(asked).toBe(3)
  expect(rig.connections.statistics().drops['not-connected'].sends).toBe(2)
})

describe('a member without room', () => {
  test('is refused beside one that has less and the next one', () => {
    const { group, step } = crowd(2, 0)
    step((out) => {
      // With a slab of 1 KiB there is room for 100 bytes more for the one, and for 200 for the other.
      for (const [id, bytes] of [
        [2, 31_644],
        [3, 31_544],
      ] as const) {
        out.give(id, new Uint8Array(bytes))
      }
      expect([10, 150, 250].map((length) => out.offerAll(group, new Uint8Array(length)))).toEqual([[], [2], [2, 3]])
    })
  })

  test('is refused alone, until the protocol has asked what it missed', async () => {
    const { rig, group, members, step, flush } = crowd(3)
    const stalled = rig.connect({ room: 0 })
    group.add(stalled.connection.id)
    const { id } = stalled.connection
    const refusals: (readonly ClientId[])[] = []
    step((out) => {
      out.send(id, bytesOf(20 * KiB))
      for (let line = 0; line < 8; line++) refusals.push(out.offerAll(group, bytesOf(2 * KiB, line * 2 * KiB)))
      // 24 KiB of slabs are its own; then slabs of 2, 4 and 8 KiB, the last of which it has when there is room for a line.
      expect(refusals.map((refused) => refused.length)).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
      expect(refusals.at(-1)).toEqual([id])
    })
    flush()
    stalled.socket.accept(Infinity)
    await ticks()
    stalled.connection.flush()
    step((out) => {
      expect(out.offerAll(group, bytesOf(1))).toEqual([id])
      expect(out.missed(id)).toBe(5)
      expect(out.missed(id)).toBe(0)
      expect(out.offerAll(group, bytesOf(100))).toEqual([])
    })
    flush()
    for (const { socket } of members) {
      expectBytes(socket.accepted, Buffer.concat([bytesOf(16 * KiB), bytesOf(1), bytesOf(100)]))
    }
    const { drops, decided } = rig.connections.statistics()
    expect(drops.refused).toEqual({ sends: 5, bytes: 8 * KiB + 1 })
    expect(decided).toEqual({ sends: 1 + 10 * 4, bytes: 20 * KiB + 4 * (16 * KiB + 101) })
    expectBytes(stalled.socket.accepted, Buffer.concat([bytesOf(20 * KiB), bytesOf(8 * KiB), bytesOf(100)]))
  })

  test('has a `drained` step when a quarter of the bound is queued', async () => {
    const { rig, group, members, step, flush } = crowd(1, 0)
    step((out) => {
      for (let line = 0; line < 40; line++) out.offerAll(group, bytesOf(KiB))
    })
    flush()
    await rig.due()
    expect(rig.protocol.calls.filter((call) => call.startsWith('drained'))).toEqual([])
    members.at(0)!.socket.accept(BOUND)
    await rig.due()
    expect(rig.protocol.calls.filter((call) => call.startsWith('drained'))).toEqual(['drained 2'])
  })

  test('holds nobody back', () => {
    const { rig, group } = crowd(2, 0)
    const { connection } = rig.connect()
    const full = rig.step(connection, (out) => {
      for (let line = 0; line < 100; line++) out.offerAll(group, bytesOf(KiB))
    })
    expect(full).toEqual([])
  })
})

describe('a member that goes', () => {
  const ways: readonly (readonly [how: string, go: (crowd: Crowd, out: Outbox) => void])[] = [
    ['leaves the group', ({ group }) => group.remove(2)],
    ['is closed', (_, out) => out.close(2)],
    ['is aborted', (_, out) => out.abort(2, 'protocol-abort')],
    ['is finished', (_, out) => out.finish(2)],
  ]
  test.each(ways)('%s: has what came before, and the others all', (how, go) => {
    const all = crowd(3, Infinity, new Rig({ queuedBytesMax: BOUND }, new Finishing()))
    const { rig, group, members, step, flush, queues } = all
    step((out) => {
      out.offerAll(group, bytesOf(10))
      go(all, out)
      out.offerAll(group, bytesOf(10, 10))
      out.offerAll(group, bytesOf(10, 20))
    })
    flush()
    expectBytes(members.at(0)!.socket.accepted, how === 'is aborted' ? bytesOf(0) : bytesOf(10))
    expectBytes(members.at(1)!.socket.accepted, bytesOf(30))
    expect(queues()).toBe(0)
    const gone = how === 'leaves the group' ? 0 : 2
    expect(rig.connections.statistics().drops['not-connected']).toEqual({ sends: gone, bytes: gone * 10 })
  })

  test('lets go of its share: the last one frees the memory', async () => {
    const { group, members, step, flush, queues } = crowd(3, 0)
    step((out) => out.offerAll(group, bytesOf(500)))
    flush()
    members.at(0)!.socket.reset()
    members.at(1)!.connection.abort('reset')
    await ticks()
    expect(queues()).toBe(KiB)
    members.at(2)!.socket.accept(500)
    await ticks()
    expect(queues()).toBe(0)
  })

  test('before anything was offered is counted as not connected', () => {
    const { rig, group, step } = crowd(1)
    group.add(77)
    step((out) => expect(out.offerAll(group, bytesOf(10))).toEqual([]))
    expect(rig.connections.statistics().drops['not-connected']).toEqual({ sends: 1, bytes: 10 })
  })

  test('in the middle of a write leaves memory that nobody uses again', () => {
    const { rig, group, members, step, flush, queues } = crowd(1)
    const socket = rig.listener.bring(new ResettableSocket({ room: 0 }))
    const stuck = [...rig.connections.all()].at(-1)!
    rig.connections.connected(stuck)
    group.add(stuck.id)
    let written: Uint8Array | undefined
    const write = socket.write.bind(socket)
    socket.write = (piece: Uint8Array, ...rest: never[]) => {
      written = piece
      return write(piece, ...rest)
    }
    step((out) => out.offerAll(group, bytesOf(500)))
    flush()
    stuck.abort('reset')
    expect(queues()).toBe(0)
    step((out) => out.offerAll(group, bytesOf(500, 7)))
    expectBytes(written!, bytesOf(500))
    flush()
    expectBytes(members.at(0)!.socket.accepted, Buffer.concat([bytesOf(500), bytesOf(500, 7)]))
  })
})

test('a queue that follows ends with what its source has, whatever is asked of it first', () => {
  const group = new Fellows(1)
  const uses: readonly ((queue: ByteQueue) => unknown)[] = [
    (queue) => expect(queue.length).toBe(20),
    (queue) => expect(queue.leaving).toBe(20),
    (queue) => expect(queue.end).toBe(20),
    (queue) => queue.push(new Uint8Array(0)),
    (queue) => queue.follow(other),
    (queue) => queue.clear(),
    (queue) => expect(queue.pin(100)[0]).toHaveLength(20),
    (queue) => expect(queue.shift()).toMatchObject({ capacity: 20, end: 20 }),
    (queue) => queue.append(segmentOf(5)),
    (queue) => queue.settle(),
  ]
  const slabs = new Slabs(BOUND)
  const other = bufferOf(new ByteQueue(slabs, () => {}), slabs, new Fellows(1))
  other.offer(bytesOf(1), 0, 1)
  for (const use of uses) {
    const queue = new ByteQueue(slabs, () => {})
    const buffer = bufferOf(queue, slabs, group)
    buffer.offer(bytesOf(10), 0, 10)
    buffer.offer(bytesOf(10, 10), 0, 10)
    expect(queue.source).toBe(buffer)
    use(queue)
    expect(queue.source, String(use)).not.toBe(buffer)
    expect(buffer.followers).toBe(0)
  }
})

test('a share that fills its slab goes on as it is, a smaller one as a copy that all have; neither is merged', () => {
  const slabs = new Slabs(BOUND)
  const queue = new ByteQueue(slabs, () => {})
  const others = new ByteQueue(slabs, () => {})
  let held = 0
  const buffer = bufferOf(queue, slabs, new Fellows(1), (delta) => (held += delta))
  buffer.offer(bytesOf(KiB), 0, KiB)
  const whole = queue.shift()!
  expect([whole.capacity, queue.held, held]).toEqual([KiB, 0, KiB])
  expect(mergeSegments(whole, segmentOf(0))).toBeUndefined()
  others.append(whole)
  others.clear()
  expect(held).toBe(0)
  buffer.offer(bytesOf(100), 0, 100)
  const copied = queue.shift()!
  expect([copied.capacity, copied.bytes.buffer.byteLength, held]).toEqual([100, 100, 0])
})

/** Any steps, against a model in which each member has a list of its own. */
test('a group is as good as an offer to each: same bytes, same order, same counts', async () => {
  const operation = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('offer'), of: fc.nat(1), length: fc.integer({ min: 1, max: 3000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('send'), of: fc.nat(3), length: fc.integer({ min: 1, max: 200 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flush'), of: fc.nat(3), length: fc.nat(6000) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('missed', 'leave', 'join', 'close'),
        of: fc.nat(3),
        length: fc.nat(1),
      }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const { rig, members, step, queues } = crowd(4, 0, new Rig({ queuedBytesMax: 16 * KiB }))
      const groups = [new Fellows(2, 3, 4, 5), new Fellows(5, 3)] as const
      const owed = new Map(members.map(({ connection }) => [connection.id, [] as Uint8Array[]]))
      const missed = new Map<ClientId, number>()
      let at = 0
      for (const { do: what, of, length } of operations) {
        const { connection, socket } = members.at(of)!
        const { id } = connection
        const group = groups.at(of % 2)!
        if (what === 'flush') {
          for (const dirty of rig.connections.takeDirty()) dirty.flush()
          socket.accept(length)
          await ticks()
          connection.flush()
          continue
        }
        step((out) => {
          const bytes = bytesOf(length, at)
          if (what === 'offer') {
            const refused = out.offerAll(group, bytes)
            for (const each of group) {
              const open = members.at(each - 2)!.connection.open
              if (!open) continue
              if (refused.includes(each)) missed.set(each, (missed.get(each) ?? 0) + 1)
              else owed.get(each)!.push(bytes)
            }
          } else if (what === 'send') {
            if (connection.open) owed.get(id)!.push(bytes)
            out.send(id, bytes)
          } else if (what === 'missed') {
            expect(out.missed(id)).toBe(connection.open ? (missed.get(id) ?? 0) : 0)
            missed.delete(id)
          } else if (what === 'close') out.close(id)
          else if (what === 'leave') group.remove(id)
          else group.add(id)
          at += length
        })
        for (const { connection: each } of members) expect(each.queuedBytes).toBeLessThanOrEqual(16 * KiB)
      }
      for (const dirty of rig.connections.takeDirty()) dirty.flush()
      for (const { connection, socket } of members) {
        socket.accept(Infinity)
        await ticks()
        connection.flush()
        expectBytes(socket.accepted, Buffer.concat(owed.get(connection.id)!))
      }
      await ticks()
      expect(queues()).toBe(0)
    }),
    { numRuns: 300 },
  )
})

function bufferOf(
  queue: ByteQueue,
  slabs: Slabs,
  group: Fellows,
  account: (delta: number) => unknown = () => {},
): GroupBuffer<{
  id: ClientId
  outgoing: ByteQueue
  open: boolean
  queuedBytes: number
  missed: number
  whenQueued: () => void
}> {
  const member = { id: 1, outgoing: queue, open: true, queuedBytes: 0, missed: 0, whenQueued: () => {} }
  return new GroupBuffer(group, {
    slabs,
    queuedBytesMax: BOUND,
    find: () => member,
    queued: () => {},
    account: (delta) => void account(delta),
  })
}

function segmentOf(length: number): Parameters<ByteQueue['append']>[0] {
  const bytes = new Uint8Array(length)
  return { bytes, capacity: length, start: 0, end: length, pooled: false, shared: undefined, pinned: false }
}
