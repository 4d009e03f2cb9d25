/** What is decided leaves when it is committed, and not before. */
import { expect, test } from 'vitest'
import { Connections } from '../src/connections.ts'
import { serverOf } from '../src/server.ts'
import type { Party } from '../src/wait-for-graph.ts'
import { Finishing, Rig } from './rig.ts'
import { FakeListener, SteppedClock } from './support.ts'

const WHO: Party = { kind: 'task', name: 'the test' }
const GRACE_MS = 1000

/** A disk of which a test plays the platter: each commit ends when the test says so. */
class Disk {
  readonly commits: { readonly done: () => void; readonly failed: (why: Error) => void }[] = []
  readonly commit = (): Promise<void> => new Promise((done, failed) => void this.commits.push({ done, failed }))
}

function rigOn(disk: Disk): Rig {
  return new Rig({ commit: disk.commit, graceMs: GRACE_MS }, new Finishing())
}

/** Whatever a pattern does between two commits: everything that may leave does. */
function flush({ connections }: Rig): void {
  for (const connection of connections.takeDirty())
    if (connection.flush() && connection.state === 'closing') connection.end()
}

test('bytes stay until their commit has ended, those that are decided meanwhile until the next one has', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.send(1, Buffer.from('one ')))
  const first = rig.connections.commit(WHO)
  rig.step(connection, (out) => out.send(1, Buffer.from('two ')))
  flush(rig)
  expect(connection.flush()).toBe(false)
  expect(rig.connections.waits.render()).toBe('the test waits for the commit of what was decided')
  disk.commits[0]?.done()
  await first
  expect(rig.connections.waits.render()).toBe('nobody waits')
  flush(rig)
  expect(String(socket.accepted)).toBe('one ')
  const second = rig.connections.commit(WHO)
  disk.commits[1]?.done()
  await second
  flush(rig)
  expect(String(socket.accepted)).toBe('one two ')
  expect(connection.flush()).toBe(true)
  expect([...rig.connections.takeDirty()], 'each is told of once').toEqual([])
  expect(rig.connections.statistics().commits).toBe(2)
})

test('a socket that is writable again takes no more than what is committed', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect({ room: 2 })
  rig.step(connection, (out) => out.send(1, Buffer.from('one ')))
  const commit = rig.connections.commit(WHO)
  disk.commits[0]?.done()
  await commit
  flush(rig)
  rig.step(connection, (out) => out.send(1, Buffer.from('two ')))
  socket.accept(100)
  await rig.clock.rest()
  expect(connection.flush()).toBe(false)
  expect(String(socket.accepted)).toBe('one ')
})

test('a pattern that delivers step by step knows where each step ends, and waits for no more than that', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect({ room: 2 })
  rig.step(connection, (out) => out.send(1, Buffer.from('one ')))
  expect(rig.connections.endStep()).toEqual([connection])
  const { end } = connection.outgoing
  rig.step(connection, (out) => out.send(1, Buffer.from('two ')))
  expect(rig.connections.endStep()).toEqual([connection])
  const commit = rig.connections.commit(WHO)
  disk.commits[0]?.done()
  await commit
  expect(rig.connections.takeDirty()).toEqual([connection])
  connection.outgoing.release(end)
  const flushed = connection.flushed(WHO)
  socket.accept(100)
  await flushed
  expect(String(socket.accepted)).toBe('one ')
  connection.outgoing.release(connection.outgoing.end)
  await connection.flushed(WHO)
  expect(String(socket.accepted)).toBe('one two ')
})

test('where there is nothing to wait for, it leaves at once', () => {
  const rig = new Rig({ commit: () => undefined })
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.send(1, Buffer.from('one')))
  expect(rig.connections.commit(WHO)).toBeUndefined()
  flush(rig)
  expect(String(socket.accepted)).toBe('one')
  expect(rig.connections.statistics().commits, 'waited for').toBe(0)
})

test('FIN alone leaves by itself as soon as it is committed', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.finish(1))
  const commit = rig.connections.commit(WHO)
  await rig.clock.rest()
  expect(socket.finSent).toBe(false)
  disk.commits[0]?.done()
  await commit
  await rig.clock.rest()
  expect(socket.finSent).toBe(true)
})

test.each(['close', 'finish', 'abort'] as const)('%s is seen when it is committed', async (verb) => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => (verb === 'abort' ? out.abort(1, 'protocol-abort') : out[verb](1)))
  const ended = (): boolean => socket.finSent || socket.destroyed
  await rig.clock.rest()
  rig.connections.disconnected(connection)
  flush(rig)
  expect(ended()).toBe(false)
  const commit = rig.connections.commit(WHO)
  await rig.clock.rest()
  expect(ended()).toBe(false)
  disk.commits[0]?.done()
  await commit
  flush(rig)
  await rig.clock.rest()
  expect(ended()).toBe(true)
})

test('a commit that fails lets nothing out, is not tried again, and is what a shutdown ends with', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.send(1, Buffer.from('one')))
  const commit = rig.connections.commit(WHO)
  disk.commits[0]?.failed(new Error('no space left'))
  await expect(commit).rejects.toThrow('no space left')
  await expect(rig.connections.commit(WHO)).rejects.toThrow('no space left')
  flush(rig)
  expect([connection.flush(), disk.commits.length, socket.accepted.length]).toEqual([false, 1, 0])
  const server = serverOf(rig.connections, () => rig.connections.closed())
  await expect(server.shutdown()).rejects.toThrow('no space left')
})

test('a commit that has ended is none that the grace gives up', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection } = rig.connect({ room: 0 })
  rig.step(connection, (out) => out.send(1, Buffer.from('one')))
  const commit = rig.connections.commit(WHO)
  disk.commits[0]?.done()
  await commit
  const server = serverOf(rig.connections, async () => {
    rig.connections.stop()
    rig.connections.disconnected(connection)
    await rig.connections.closed()
  })
  const shutdown = server.shutdown()
  rig.clock.advance(GRACE_MS)
  await rig.clock.rest()
  await expect(shutdown).resolves.toBeUndefined()
})

test('a shutdown waits for the commit that is under way, but no longer than the grace', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.abort(1, 'protocol-abort'))
  const commit = rig.connections.commit(WHO)
  rig.connections.stop()
  rig.connections.disconnected(connection)
  const closed = rig.connections.closed()
  const reports = [
    expect(commit).rejects.toThrow(`within the grace of a shutdown, ${GRACE_MS} ms`),
    expect(closed).rejects.toThrow('has not ended'),
  ]
  rig.clock.advance(GRACE_MS)
  await Promise.all(reports)
  expect(socket.destroyed).toBe(true)
})

test('a shutdown without a commit under way is over when all is closed', async () => {
  const disk = new Disk()
  const rig = rigOn(disk)
  rig.connections.stop()
  await rig.connections.closed()
  rig.clock.advance(GRACE_MS)
  expect(rig.clock.pending).toBe(0)
})

test('a pattern that commits nothing is refused', () => {
  const clock = new SteppedClock()
  const rig = new Rig()
  expect(
    () =>
      new Connections(
        rig.protocol,
        new FakeListener(),
        { clock, commit: () => undefined },
        { accepted() {}, due() {} },
      ),
  ).toThrow('this pattern does not wait for that')
})
