/**
 * Plain: no pattern. An event handler for each socket decides and calls `socket.write`, as most people would write it.
 *
 * Idea       Node runs one handler at a time and keeps what a socket cannot take yet: what could go wrong?
 * Order      Per destination: each client sees deliveries in the order of decisions.
 * Price      Nobody waits, so nothing is bounded: a client that stops reading costs memory until none is left (G3, G4, G8).
 * Fails      R5.3 to R5.6: no deadline, no bound on what is queued or held, no end to lingering.
 * Lesson     Compare it with `reactor`: all that is longer there is about the moment when `write` answers false.
 */
import type { Duplex } from 'node:stream'
import { limitsOf, liveClock, serverOf, Statistics, UnsupportedSteps, WaitForGraph } from '@switchyard/core'
import type { ClientId, Listener, Outbox, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { CloseReason, StatisticsSnapshot } from '@switchyard/core'

export const plain: Pattern = {
  name: 'plain',
  guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false },
  order: 'per-destination',
  fails: ['R5.3', 'R5.4', 'R5.5', 'R5.6'],
  serve,
}

interface Client {
  readonly socket: Duplex
  reason: CloseReason
  bytesIn: number
  bytesOut: number
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  if (protocol.woken || protocol.drained) throw new UnsupportedSteps('it takes no steps that belong to no chunk')
  if (protocol.finished || protocol.drained || protocol.woken) unknownHere()
  const limits = limitsOf(options)
  const clock = options.clock ?? liveClock
  const statistics = new Statistics(options.journal)
  const waits = new WaitForGraph(() => clock.now())
  const connected = new Map<ClientId, Client>()
  const open = new Map<ClientId, Client>()
  let stopped = false
  let allClosed: (() => void) | undefined

  const outbox: Outbox = {
    apart: true,
    send(to, bytes, start = 0, end = bytes.length) {
      outbox.give(to, new Uint8Array(bytes.subarray(start, end))) // `slice` of a Buffer would copy nothing.
    },
    give(to, bytes) {
      statistics.decide(1, bytes.length)
      const client = connected.get(to)
      if (!client) return statistics.drop('not-connected', 1, bytes.length)
      // The answer, whether there was room, is thrown away. That is the price.
      client.socket.write(bytes, (error) => {
        if (error) return statistics.drop('aborted', 1, bytes.length)
        client.bytesOut += bytes.length
        statistics.bytesOut += bytes.length
      })
    },
    keep: (chunk) => new Uint8Array(chunk),
    offer(to, bytes, start, end) {
      outbox.send(to, bytes, start, end)
      return connected.has(to)
    },
    offerAll(to, bytes, start, end) {
      for (const client of to) outbox.send(client, bytes, start, end)
      return []
    },
    missed: () => 0, // There is room for everything.
    queued: (client) => connected.get(client)?.socket.writableLength ?? 0,
    whenQueued: unknownHere,
    wakeAt: unknownHere,
    finish: unknownHere,
    pause: unknownHere,
    resume: unknownHere,
    pace() {}, // Nobody is held back for anybody.
    get now() {
      return clock.now()
    },
    close(id) {
      disconnect(id, 'protocol-close')
    },
    abort(id, reason) {
      const client = connected.get(id)
      if (!client) return
      client.reason = reason
      client.socket.destroy()
    },
  }

  listener.on('connection', accept)
  listener.on('error', listenerFailed)

  function accept(socket: Duplex): void {
    socket.on('error', () => {}) // `close` follows, and counts it.
    const id = statistics.accepted + 1
    if (stopped || open.size >= limits.connectionsMax || id > limits.idsMax) {
      statistics.refuse()
      socket.destroy()
      return
    }
    statistics.opened(id, socket)
    const client: Client = { socket, reason: 'reset', bytesIn: 0, bytesOut: 0 }
    open.set(id, client)
    connected.set(id, client)
    protocol.connected(id, outbox, 'client')
    socket.on('data', (chunk: Uint8Array) => received(id, client, chunk))
    socket.on('end', () => disconnect(id, 'client-fin'))
    socket.on('close', () => closed(id, client))
  }

  function received(id: ClientId, client: Client, chunk: Uint8Array): void {
    if (!connected.has(id)) return
    client.bytesIn += chunk.length
    statistics.bytesIn += chunk.length
    protocol.received(id, chunk, outbox)
  }

  /** FIN goes behind everything that the socket still keeps. */
  function disconnect(id: ClientId, reason: CloseReason): void {
    const client = connected.get(id)
    if (!client) return
    client.reason = reason
    connected.delete(id)
    protocol.disconnected(id, outbox)
    client.socket.end()
  }

  function closed(id: ClientId, client: Client): void {
    if (connected.delete(id)) protocol.disconnected(id, outbox)
    open.delete(id)
    statistics.closed({ client: id, at: clock.now(), ...client })
    if (open.size === 0) allClosed?.()
  }

  function listenerFailed(error: Error): void {
    statistics.listenerFailed(error)
  }

  async function stop(): Promise<void> {
    stopped = true
    listener.close()
    for (const id of connected.keys()) disconnect(id, 'server-shutdown')
    const cancelQuarter = clock.after(limits.graceMs / 4, () => {
      for (const { socket } of open.values()) if (socket.writableLength > 0) socket.destroy()
    })
    const cancelGrace = clock.after(limits.graceMs, () => {
      for (const { socket } of open.values()) socket.destroy()
    })
    if (open.size > 0) await new Promise<void>((resolve) => (allClosed = resolve))
    cancelQuarter()
    cancelGrace()
    listener.off('connection', accept)
    listener.off('error', listenerFailed)
  }

  function statisticsNow(): StatisticsSnapshot {
    const held = { input: 0, chunks: 0, channels: 0, mailboxes: 0, queues: 0, sockets: 0 }
    for (const [id, { socket }] of open) {
      held.input += protocol.heldBytes(id)
      held.sockets += socket.readableLength + socket.writableLength
    }
    return statistics.snapshot(open.size, held)
  }

  return serverOf({ statistics: statisticsNow, waits }, stop)
}

function unknownHere(): never {
  throw new TypeError('handlers of sockets know no optional steps, and nothing that leads to one')
}
