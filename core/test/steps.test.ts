/** What holds of every step that a protocol is taken through, and of verbs for clients that are not there. */
import { describe, expect, test } from 'vitest'
import { FIN } from '../src/connection/reading.ts'
import { Connections } from '../src/connections.ts'
import type { Outbox, Protocol } from '../src/protocol.ts'
import { Finishing, Rig } from './rig.ts'
import { FakeListener, FakeSocket, KiB } from './support.ts'

/** A rig of which each kind of step is taken once, a millisecond after the one before it. */
async function everyStep(rig: Rig): Promise<void> {
  const { clock, connections } = rig
  const later = (): void => clock.advance(1)
  later()
  const { connection } = rig.connect()
  later()
  connections.received(connection, Uint8Array.of(0))
  later()
  connections.received(connection, FIN)
  clock.advance(100)
  await rig.due()
  later()
  connections.stop()
  connections.disconnected(connection)
}

test('now is the time of the step, in each of them', async () => {
  const rig = new Rig({}, new Finishing())
  const seen: string[] = []
  rig.protocol.does = (call, out) => {
    seen.push(`${call.split(' ', 1)[0]} at ${out.now}`)
    if (call.startsWith('connected')) {
      out.wakeAt(50)
      out.whenQueued(1, 0)
    }
  }
  await everyStep(rig)
  expect(seen).toEqual([
    'connected at 1',
    'received at 2',
    'finished at 3',
    'woken at 103',
    'drained at 103',
    'stopping at 104',
    'disconnected at 104',
  ])
})

test.each(['connected', 'received', 'finished', 'drained', 'woken', 'stopping', 'disconnected'])(
  'no step is taken inside of `%s`',
  async (kind) => {
    const rig = new Rig({}, new Finishing())
    const other = rig.connect()
    let refused = false
    rig.protocol.does = (call, out) => {
      if (call.startsWith('connected')) {
        out.wakeAt(50)
        out.whenQueued(2, 0)
      }
      if (!call.startsWith(kind)) return
      try {
        rig.connections.received(other.connection, Uint8Array.of(0))
      } catch (error) {
        refused = String(error).includes('inside of a step')
      }
    }
    rig.clock.advance(1)
    const { connection } = rig.connect()
    rig.connections.received(connection, Uint8Array.of(0))
    rig.connections.received(connection, FIN)
    rig.clock.advance(100)
    await rig.due()
    rig.connections.stop()
    rig.connections.disconnected(connection)
    expect(refused).toBe(true)
  },
)

test('what `finished` sends fills destinations as a message does', () => {
  const rig = new Rig({ queuedBytesMax: 8 * KiB }, new Finishing())
  const { connection } = rig.connect()
  const other = rig.connect()
  rig.protocol.does = (_, out) => out.send(2, new Uint8Array(8 * KiB))
  expect(rig.connections.received(connection, FIN)).toEqual([other.connection])
})

test('a chunk that was handled is recycled', () => {
  const rig = new Rig()
  const recycled: Uint8Array[] = []
  Object.assign(rig.listener, { recycle: (chunk: Uint8Array) => void recycled.push(chunk) })
  const { connection } = rig.connect()
  const chunk = Uint8Array.of(1, 2)
  rig.connections.received(connection, chunk)
  expect(recycled).toEqual([chunk])
})

test('a chunk that its protocol keeps is not recycled, and the next one is', () => {
  const rig = new Rig()
  const recycled: Uint8Array[] = []
  Object.assign(rig.listener, { recycle: (chunk: Uint8Array) => void recycled.push(chunk) })
  const { connection } = rig.connect()
  const [kept, next] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
  let returned: Uint8Array | undefined
  rig.protocol.does = (_, out) => (returned = out.keep(kept))
  rig.connections.received(connection, kept)
  expect(returned).toBe(kept)
  rig.protocol.does = () => {}
  rig.connections.received(connection, next)
  expect(recycled).toEqual([next])
})

test('whatever is due in one turn is one edge', async () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => {
    out.whenQueued(1, 0)
    out.wakeAt(out.now)
  })
  rig.clock.advance(1)
  await rig.clock.endTurn()
  expect(rig.dueEdges).toBe(1)
})

test('a client that is closing when the server stops does not call for farewells', () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  rig.step(connection, (out) => out.close(1))
  rig.connections.stop()
  rig.connections.disconnected(connection)
  expect(rig.protocol.calls.at(-1)).toBe('disconnected 1')
  expect(rig.protocol.calls).not.toContain('stopping')
})

test('whoever was told of and has something more to send is told of again', () => {
  const rig = new Rig()
  const { connection } = rig.connect()
  const group = { version: 0, [Symbol.iterator]: () => [1].values() }
  const offer = (): void => void rig.step(connection, (out) => void out.offerAll(group, Uint8Array.of(1)))
  offer()
  expect(rig.connections.takeDirty()).toEqual([connection])
  offer()
  expect(rig.connections.takeDirty()).toEqual([connection])
  expect(connection.outgoing.length).toBe(2)
})

test('a pattern that drops a message counts it', () => {
  const rig = new Rig()
  rig.connections.drop(5)
  const { decided, drops } = rig.connections.statistics()
  expect([decided, drops['mailbox-full']]).toEqual([
    { sends: 1, bytes: 5 },
    { sends: 1, bytes: 5 },
  ])
})

test('no timer is left when all have closed', async () => {
  const rig = new Rig()
  Object.assign(rig.listener, { untaken: () => Promise.resolve(0) })
  rig.connections.stop()
  await rig.connections.closed()
  expect(rig.clock.pending).toBe(0)
})

describe('a verb for a client that is not there, or has nothing for it, does nothing:', () => {
  const verbs: Readonly<Record<string, (out: Outbox) => void>> = {
    close: (out) => out.close(9),
    abort: (out) => out.abort(9, 'protocol-abort'),
    finish: (out) => out.finish(9),
    pause: (out) => out.pause(9),
    resume: (out) => out.resume(9),
    pace: (out) => out.pace(9),
    whenQueued: (out) => out.whenQueued(9, 0),
    'resume without a pause': (out) => out.resume(1),
    'pause and resume with nothing kept': (out) => {
      out.pause(1)
      out.resume(1)
    },
  }
  test.each(Object.entries(verbs))('%s', async (_, verb) => {
    const rig = new Rig({}, new Finishing())
    const { connection } = rig.connect()
    rig.step(connection, verb)
    await rig.due()
    expect([rig.dueEdges, connection.connected, rig.connections.takeDirty().length]).toEqual([0, true, 0])
  })
})

test.each(['pause', 'finish'] as const)('%s is refused to a protocol without optional steps', (verb) => {
  const plain: Protocol = {
    connected() {},
    received: (client, _, out) => out[verb](client),
    disconnected() {},
    heldBytes: () => 0,
  }
  const listener = new FakeListener()
  const connections = new Connections(plain, listener, {}, { accepted: () => {}, due: () => {} })
  listener.bring(new FakeSocket())
  for (const connection of connections.all()) {
    connections.connected(connection)
    expect(() => connections.received(connection, Uint8Array.of(1))).toThrow(TypeError)
  }
})
