import { expect } from 'vitest'
import { Slabs } from '../../src/byte-queue.ts'
import { Connection } from '../../src/connection/connection.ts'
import type { Shared } from '../../src/connection/shared.ts'
import { HeldBytes } from '../../src/held-bytes.ts'
import { limitsOf, READ_BYTES } from '../../src/limits.ts'
import type { Limits } from '../../src/limits.ts'
import type { CloseReason } from '../../src/protocol.ts'
import { Statistics } from '../../src/statistics.ts'
import type { StatisticsSnapshot } from '../../src/statistics.ts'
import { Turns } from '../../src/turns.ts'
import { WaitForGraph } from '../../src/wait-for-graph.ts'
import type { Party } from '../../src/wait-for-graph.ts'
import { FakeSocket, SteppedClock } from '../support.ts'
import type { FakeSocketOptions } from '../support.ts'

export const writer: Party = { kind: 'task', name: 'the writer' }

/** What a connection told whoever made it, in order. */
export type Told = 'readable' | 'writable' | 'waits-for-memory' | 'drained' | 'closing' | 'closed'

export interface Rig<Socket> {
  readonly connection: Connection
  readonly socket: Socket
  readonly clock: SteppedClock
  readonly shared: Shared & { hurried: boolean; stopped: boolean }
  readonly told: Told[]
  readonly statistics: () => StatisticsSnapshot
}

export interface RigOptions extends Partial<Limits> {
  readonly readBytesMax?: number
  readonly gather?: Shared['gather']
}

/** One connection, joined, and what it needs of a server. */
export function rigOf(socketOptions: FakeSocketOptions = {}, options: RigOptions = {}): Promise<Rig<FakeSocket>> {
  return rigWith(new FakeSocket(socketOptions), options)
}

export async function rigWith<Socket extends FakeSocket>(
  socket: Socket,
  { readBytesMax = READ_BYTES, gather = () => {}, ...limits }: RigOptions = {},
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
    gather,
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
export function reasonOf({ statistics }: Rig<unknown>): CloseReason | undefined {
  const { lastCloses } = statistics()
  expect(lastCloses.length).toBeLessThanOrEqual(1)
  return lastCloses[0]?.reason
}

export function textOf(connection: Connection): string {
  const taken = connection.tryRead()
  return taken.state === 'ok' ? Buffer.from(taken.chunk).toString() : taken.state
}

/** What a promise has come to so far. */
export function watch<T>(promise: Promise<T>): { settled: boolean; value: T | undefined } {
  const seen: { settled: boolean; value: T | undefined } = { settled: false, value: undefined }
  void promise.then((value) => Object.assign(seen, { settled: true, value }))
  return seen
}

/** Nothing of it is left anywhere. */
export function expectNoTrace(rig: Rig<FakeSocket>): void {
  expect(rig.statistics().held.total, 'bytes held').toBe(0)
  expect(rig.clock.pending, 'timers').toBe(0)
  expect(rig.shared.waits.edges(), 'waits').toEqual([])
  expect(rig.connection.socketBytes, 'bytes of a chunk').toBe(rig.socket.readableLength)
}
