/** FIN as a step of its own, both ways; and clients that are paused, their FIN included. */
import { expect, test } from 'vitest'
import type { Connection } from '../src/connection/connection.ts'
import type { Outbox, Protocol } from '../src/protocol.ts'
import { Finishing, Rig, Scripted } from './rig.ts'
import { bytesOf, expectBytes, FakeSocket } from './support.ts'

const rigOf = (protocol: Scripted = new Finishing()): Rig => new Rig({}, protocol)

/** What the protocol was told behind `connected`. */
function told({ protocol }: Rig): string[] {
  return protocol.calls.filter((call) => !call.startsWith('connected'))
}

/** Reads as a pattern does: until there is nothing more, asked twice, since a stream ends behind a read that brings nothing. */
async function readAll(rig: Rig, connection: Connection): Promise<'empty' | 'closed'> {
  for (let empty = 0; empty < 2;) {
    connection.arm()
    await rig.clock.rest()
    const read = connection.tryRead()
    if (read.state === 'closed') return 'closed'
    empty = read.state === 'empty' ? empty + 1 : 0
    if (read.state === 'ok') rig.connections.received(connection, read.chunk)
  }
  return 'empty'
}

test('FIN is a step behind the last byte, and the client is still sent to', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  socket.arrive('a')
  socket.fin()
  rig.protocol.does = (call, out) => {
    if (call === 'finished 1') out.send(1, bytesOf(3))
  }
  expect(await readAll(rig, connection)).toBe('empty')
  connection.flush()
  expect([told(rig), socket.accepted.length, socket.finSent]).toEqual([['received 1', 'finished 1'], 3, false])
})

test('a client that has sent FIN and is closed then has its last step, and its reason is the close', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  socket.fin()
  await readAll(rig, connection)
  rig.step(connection, (out) => out.close(1))
  expect(await readAll(rig, connection)).toBe('closed')
  rig.connections.disconnected(connection)
  connection.end()
  await rig.clock.rest()
  expect(rig.connections.statistics().closes).toMatchObject({ 'protocol-close': 1, reset: 0 })
})

test('without a step for FIN it is the end, behind what was read', async () => {
  const rig = rigOf(new Scripted())
  const { connection, socket } = rig.connect()
  socket.arrive('a')
  socket.fin()
  expect(await readAll(rig, connection)).toBe('closed')
  rig.connections.disconnected(connection)
  connection.end()
  await rig.clock.rest()
  expect(told(rig)).toEqual(['received 1', 'disconnected 1'])
  expect(rig.connections.statistics().closes['client-fin']).toBe(1)
})

test('without a step for FIN a client that has sent it is sent to until its last step', async () => {
  const rig = rigOf(new Scripted())
  const { connection, socket } = rig.connect()
  const other = rig.connect()
  socket.fin()
  expect(await readAll(rig, connection)).toBe('closed')
  rig.step(other.connection, (out) => out.send(1, bytesOf(3)))
  rig.connections.disconnected(connection)
  rig.step(other.connection, (out) => out.send(1, bytesOf(5)))
  for (const dirty of rig.connections.takeDirty()) dirty.flush()
  expectBytes(socket.accepted, bytesOf(3))
})

test('finish sends FIN behind what is queued, and the client is read on', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect({ room: 2 })
  rig.step(connection, (out) => {
    out.send(1, bytesOf(5))
    out.finish(1)
    out.finish(1)
    out.send(1, bytesOf(1))
  })
  connection.flush()
  await rig.clock.rest()
  expect(socket.finSent).toBe(false)
  socket.accept(3)
  await rig.clock.rest()
  expect([socket.finSent, socket.accepted.length, connection.state]).toEqual([true, 5, 'connected'])
  expect(rig.connections.statistics().drops['not-connected'].sends).toBe(1)
  socket.arrive('a')
  await readAll(rig, connection)
  expect(told(rig)).toEqual(['received 1', 'received 1'])
})

test('finish with nothing queued sends FIN at the end of the turn; behind what a pattern holds, it waits for that', async () => {
  const rig = rigOf()
  const [one, two] = [rig.connect(), rig.connect()]
  two.connection.handOver(10)
  rig.step(one.connection, (out) => {
    out.finish(1)
    out.finish(2)
  })
  expect(one.socket.finSent).toBe(false)
  await rig.clock.rest()
  expect([one.socket.finSent, two.socket.finSent]).toEqual([true, false])
  two.connection.handOver(-10)
  two.connection.handOver(10)
  await rig.clock.rest()
  expect(two.socket.finSent, 'though it was only moved within the turn').toBe(false)
  two.connection.handOver(-10)
  await rig.clock.rest()
  expect(two.socket.finSent).toBe(true)
})

test('a client that is finished can be closed and aborted, and has its last step', async () => {
  const rig = rigOf()
  const [one, two] = [rig.connect(), rig.connect()]
  rig.step(one.connection, (out) => {
    out.finish(1)
    out.finish(2)
  })
  await rig.clock.rest()
  rig.step(one.connection, (out) => {
    out.close(1, 'enough')
    out.abort(2, 'protocol-abort', 'slow')
  })
  for (const { connection } of [one, two]) {
    expect(connection.readingOver).toBe(true)
    rig.connections.disconnected(connection)
    connection.end()
  }
  one.socket.fin()
  await rig.clock.rest()
  expect(rig.connections.statistics().lastCloses.map(({ reason, why }) => [reason, why])).toEqual([
    ['protocol-abort', 'slow'],
    ['protocol-close', 'enough'],
  ])
})

/** Both ends have sent FIN, so that the socket closes by itself; what it brought last was read and has not been handled. */
async function closedEarly(rig: Rig): Promise<{ connection: Connection; chunks: Uint8Array[] }> {
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.finish(1))
  socket.arrive('a')
  socket.fin()
  const chunks: Uint8Array[] = []
  for (let read = connection.tryRead(); chunks.length < 2; read = connection.tryRead()) {
    if (read.state === 'ok') chunks.push(read.chunk)
    connection.arm()
    await rig.clock.rest()
  }
  socket.destroy()
  await rig.clock.rest()
  expect(socket.closed).toBe(true)
  expect(connection.connected).toBe(true)
  return { connection, chunks }
}

test('a socket that closes since both ends had sent FIN does not end the client before its last chunks are handled', async () => {
  const rig = rigOf()
  const { connection, chunks } = await closedEarly(rig)
  for (const chunk of chunks) rig.connections.received(connection, chunk)
  await rig.clock.rest()
  rig.connections.disconnected(connection)
  expect(told(rig)).toEqual(['received 1', 'received 1', 'finished 1', 'disconnected 1'])
  expect([connection.state, rig.connections.statistics().closes['client-fin']]).toEqual(['closed', 1])
  await rig.connections.closed()
})

test.each([
  ['closed', 'protocol-close'],
  ['aborted', 'write-deadline'],
] as const)('and is %s meanwhile', async (how, reason) => {
  const rig = rigOf()
  const { connection } = await closedEarly(rig)
  if (how === 'closed') connection.close('protocol-close')
  else connection.abort('write-deadline')
  rig.connections.disconnected(connection)
  connection.end()
  await rig.clock.rest()
  const { closes, connections } = rig.connections.statistics()
  expect([closes[reason], connections.open]).toEqual([1, 0])
})

test('when both FINs are handled, the end of the socket is the end of the client', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.finish(1))
  socket.fin()
  await readAll(rig, connection)
  socket.destroy()
  await rig.clock.rest()
  expect([connection.state, rig.connections.statistics().closes['client-fin']]).toEqual(['closed', 1])
  expect(connection.readingOver).toBe(true)
})

test('that is so too where the socket closes only then', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  socket.holdsClose = true
  rig.step(connection, (out) => out.finish(1))
  socket.fin()
  await readAll(rig, connection)
  expect([told(rig).at(-1), connection.state]).toEqual(['finished 1', 'connected'])
  socket.destroy()
  socket.finishClose()
  await rig.clock.rest()
  expect([connection.state, rig.connections.statistics().closes['client-fin']]).toEqual(['closed', 1])
})

test('a paused client is not read, until it is resumed', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  rig.step(connection, (out) => out.pause(1))
  socket.arrive('a')
  socket.fin()
  await readAll(rig, connection)
  expect(told(rig)).toEqual(['received 1'])
  rig.step(rig.connect().connection, (out) => out.resume(1))
  await readAll(rig, connection)
  expect(told(rig)).toEqual(['received 1', 'received 2', 'received 1', 'finished 1'])
})

test('whoever armed before the pause hears of it behind the resume, once', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  const other = rig.connect().connection
  connection.arm()
  rig.step(connection, (out) => out.pause(1))
  const reading = connection.read()
  let chunk: Uint8Array | undefined
  void reading.then((value) => (chunk = value))
  socket.arrive('a')
  await rig.clock.rest()
  expect(chunk).toBe(undefined)
  rig.step(other, (out) => out.resume(1))
  await rig.clock.rest()
  expect(Buffer.from(chunk ?? []).toString()).toBe('a')
})

test('what was in a channel when its client was paused is kept, counted, and handed over behind the resume, FIN last', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  const other = rig.connect().connection
  socket.arrive('a', 'b')
  socket.fin()
  const chunks: Uint8Array[] = []
  while (chunks.length < 3) {
    connection.arm()
    await rig.clock.rest()
    const read = connection.tryRead()
    if (read.state === 'ok') chunks.push(read.chunk)
  }
  rig.step(other, (out) => out.pause(1))
  for (const chunk of chunks) rig.connections.received(connection, chunk)
  expect([told(rig), rig.connections.statistics().held.chunks]).toEqual([['received 2'], 2])
  rig.step(other, (out) => out.resume(1))
  expect(told(rig)).toHaveLength(2)
  await rig.due()
  expect(told(rig).slice(2)).toEqual(['received 1', 'received 1', 'finished 1'])
  expect(rig.connections.statistics().held.chunks).toBe(0)
})

test('a chunk that arrives between the resume and what was kept waits behind that; a pause in between keeps the rest', async () => {
  const rig = rigOf()
  const { connection } = rig.connect()
  const other = rig.connect().connection
  const seen: string[] = []
  const received: Protocol['received'] = rig.protocol.received.bind(rig.protocol)
  rig.protocol.received = (client, chunk, out) => {
    seen.push(Buffer.from(chunk).toString())
    if (chunk[0] === 0x62) out.pause(1)
    received(client, chunk, out)
  }
  rig.step(other, (out) => out.pause(1))
  rig.connections.received(connection, Buffer.from('a'))
  rig.step(other, (out) => out.resume(1))
  for (const text of ['b', 'c']) rig.connections.received(connection, Buffer.from(text))
  expect(seen).not.toContain('b')
  await rig.due()
  expect(seen.slice(2)).toEqual(['a', 'b'])
  rig.step(other, (out) => out.resume(1))
  await rig.due()
  expect(seen.at(-1)).toBe('c')
})

test('reading goes on behind what was kept, and not before', async () => {
  const rig = rigOf()
  const { connection, socket } = rig.connect()
  const other = rig.connect().connection
  rig.step(other, (out) => out.pause(1))
  rig.connections.received(connection, Buffer.from('a'))
  let chunk: Uint8Array | undefined
  void connection.read().then((value) => (chunk = value))
  socket.arrive('b')
  rig.step(other, (out) => out.resume(1))
  await rig.clock.rest()
  expect(chunk).toBe(undefined)
  rig.connections.due()
  await rig.clock.rest()
  expect(Buffer.from(chunk ?? []).toString()).toBe('b')
})

test.each([
  ['by what was kept itself', true],
  ['before its turn comes', false],
])('what was kept of a client that is aborted counts no more: %s', async (_, whileHandedOver) => {
  const rig = rigOf()
  const { connection } = rig.connect()
  const other = rig.connect().connection
  rig.step(other, (out) => out.pause(1))
  for (const text of ['a', 'b']) rig.connections.received(connection, Buffer.from(text))
  rig.step(other, (out) => out.resume(1))
  const abort = (out: Outbox): void => out.abort(1, 'message-too-long')
  if (whileHandedOver) rig.protocol.does = (_call, out) => abort(out)
  else rig.step(other, abort)
  await rig.due()
  expect(rig.connections.statistics().held.chunks).toBe(0)
})

test('at a shutdown what was kept is handed over in front of the farewells, if its client is resumed', async () => {
  const rig = rigOf()
  const { connection } = rig.connect()
  const other = rig.connect().connection
  const third = rig.connect().connection
  rig.step(other, (out) => {
    out.pause(1)
    out.pause(3)
  })
  for (const one of [connection, third]) rig.connections.received(one, Buffer.from('a'))
  rig.connections.stop()
  rig.step(other, (out) => out.resume(1))
  rig.connections.disconnected(other)
  for (const one of [connection, third]) rig.connections.disconnected(one)
  expect(told(rig).slice(2)).toEqual(['received 1', 'stopping', 'disconnected 2', 'disconnected 1', 'disconnected 3'])
  expect(rig.connections.statistics().held.chunks).toBe(0)
})

test('what is held of a client’s input is counted anew when it is paused or resumed, whoever’s step that is', () => {
  const rig = rigOf()
  rig.connect()
  const other = rig.connect().connection
  let held = 7
  rig.protocol.heldBytes = (client?: number) => (client === 1 ? held : 0)
  rig.step(other, (out) => out.pause(1))
  expect(rig.connections.statistics().held.input).toBe(7)
  held = 3
  rig.step(other, (out) => out.resume(1))
  expect(rig.connections.statistics().held.input).toBe(3)
})

test('what the other end of a stream in this process has not read counts as queued', async () => {
  const rig = rigOf()
  const socket = rig.listener.bring(Object.assign(new FakeSocket(), { peerUnreadBytes: 5 }))
  const [connection] = [...rig.connections.all()]
  if (!connection) throw new Error('it was not accepted')
  rig.connections.connected(connection)
  rig.step(connection, (out) => {
    expect(out.queued(1)).toBe(5)
    out.whenQueued(1, 4)
  })
  await rig.due()
  expect(rig.dueEdges).toBe(0)
  socket.peerUnreadBytes = 4
  socket.emit('taken')
  await rig.due()
  expect(told(rig).at(-1)).toBe('drained 1')
})

test('ids begin where the options say', () => {
  const rig = new Rig({ firstId: 7 })
  rig.connect()
  rig.connect()
  expect(rig.protocol.calls).toEqual(['connected 7 as client', 'connected 8 as client'])
  for (const firstId of [0, 1.5, 2 ** 31]) expect(() => new Rig({ firstId })).toThrow(RangeError)
})
