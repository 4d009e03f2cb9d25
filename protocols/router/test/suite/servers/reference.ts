/**
 * A server of the suite's own, so that its tests need no pattern: event handlers, a queue for each client, no clause
 * broken. Or one: each fault is a line, and some case must catch it.
 */
import type { Duplex } from 'node:stream'
import { limitsOf, liveClock, READ_BYTES, Statistics, WaitForGraph } from '@switchyard/core'
import type { Cancel, Clock, CloseReason, Limits, Listener, Pattern, Server, ServeOptions } from '@switchyard/core'

const NUL = 0

/** A server that keeps every clause, but for what `fault` says. */
export function reference(fault = 'none', options: Partial<Pick<Pattern, 'fails'>> = {}): Pattern {
  return {
    name: `reference, fault: ${fault}`,
    guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false },
    ...options,
    serve: (_, listener, given) => new ReferenceServer(fault, listener, given),
  }
}

class ReferenceServer implements Server {
  readonly waits: WaitForGraph
  readonly limits: Limits
  readonly clock: Clock
  readonly statisticsCounters: Statistics = new Statistics()
  readonly #fault: string
  readonly #listener: Listener
  readonly #all = new Set<Connection>()
  readonly #byId = new Map<number, Connection>()
  #unfinished: Uint8Array[] = []
  #lastId = 0
  #leaked = 0
  #stopped = false
  #hurried = false
  #end: Promise<void> | undefined
  #gone: (() => void) | undefined

  constructor(fault: string, listener: Listener, { clock = liveClock, ...limits }: ServeOptions = {}) {
    this.#fault = fault
    this.limits = this.#is('takes any limits') ? { ...limitsOf(), ...limits } : limitsOf(limits)
    this.clock = clock
    this.waits = new WaitForGraph(() => clock.now())
    this.#listener = listener
    listener.on('connection', (socket) => this.#accept(socket))
  }

  #is(fault: string): boolean {
    return this.#fault === fault
  }

  has(fault: string): boolean {
    return this.#fault === fault
  }

  get hurried(): boolean {
    return this.#hurried
  }

  // Accepting ----------------------------------------------------------------------------------------------------------

  #accept(socket: Duplex): void {
    const counters = this.statisticsCounters
    const most =
      this.limits.connectionsMax + (this.#is('lets one too many in') ? 1 : this.#is('lets one too few in') ? -1 : 0)
    const open = this.#is('never frees a place') ? counters.accepted : this.#all.size
    const stopped = this.#stopped && !this.#is('accepts while it shuts down')
    const outOfIds = this.#lastId >= this.limits.idsMax
    if (outOfIds && this.#is('begins again when ids have run out')) this.#lastId = 0
    else if (stopped || open >= most || outOfIds) {
      counters.refused++
      socket.on('error', () => {}) // It was refused.
      if (this.#is('tells whom it refuses')) socket.end('\0\0\0\0')
      else socket.destroy()
      return
    }
    counters.accepted++
    const connection = new Connection(this.#newId(), socket, this)
    this.#all.add(connection)
    const id = Buffer.alloc(4)
    if (this.#is('writes ids little-endian') || this.#is('is little-endian all over')) id.writeUInt32LE(connection.id)
    else id.writeUInt32BE(connection.id)
    if (this.#is('greets')) connection.send(Buffer.from('hello'))
    this.#byId.set(connection.id, connection)
    if (this.#is('sends the id a little late')) later(this.clock, 2, () => connection.send(id))
    else if (!this.#is('sends no id')) connection.send(id)
    connection.read()
  }

  #newId(): number {
    if (this.#is('counts ids a little late')) {
      later(this.clock, 6, () => this.#lastId++)
      return this.#lastId + 1
    }
    if (!this.#is('gives ids again')) return ++this.#lastId
    let id = 1
    while (this.#byId.has(id)) id++
    return id
  }

  // Routing ------------------------------------------------------------------------------------------------------------

  received(from: Connection, chunk: Uint8Array): void {
    const { messageBytesMax } = this.limits
    const shared = this.#is('has one parser for all')
    if (shared) from.unfinished = this.#unfinished
    let rest = chunk
    while (rest.length > 0 && from.state === 'open') {
      const had = from.unfinishedBytes
      const searchFrom = Math.max(0, 4 - had)
      const terminator = this.#is('ends messages at 0xff too') ? endOf(rest, searchFrom) : rest.indexOf(NUL, searchFrom)
      const end = terminator < 0 ? rest.length : terminator + 1
      from.unfinished.push(new Uint8Array(rest.subarray(0, end)))
      rest = rest.subarray(end)
      const bytes = from.unfinishedBytes - 4
      let most = messageBytesMax
      if (this.#is('takes n+1 bytes')) most++
      if (this.#is('refuses n bytes')) most--
      const tooLong = bytes > most || (terminator < 0 && bytes >= most && !this.#is('judges length at the NUL'))
      if (tooLong && !this.#is('has no limit for messages')) {
        if (this.#is('forwards what is too long')) this.#route(from, from.take())
        if (!this.#is('goes on behind what is too long')) return from.abort('message-too-long')
        from.take()
        continue
      }
      if (terminator < 0 && this.#is('forgets what a chunk cuts')) from.take()
      if (terminator < 0 && this.#is('forwards before the NUL') && bytes > 0) this.#cutThrough(from)
      if (terminator >= 0) {
        this.#route(from, from.take())
        if (this.#is('handles one message a chunk')) return
      }
    }
    if (shared) {
      this.#unfinished = from.unfinished
      from.unfinished = []
    }
    this.memory()
  }

  #route(from: Connection, message: Uint8Array): void {
    const buffer = Buffer.from(message)
    const id = this.#is('is little-endian all over') ? buffer.readUInt32LE() : buffer.readUInt32BE()
    let body = buffer.subarray(4)
    if (this.#is('forwards the id')) body = buffer
    if (this.#is('forwards no NUL')) body = body.subarray(0, -1)
    if (this.#is('adds a newline')) body = Buffer.concat([body, Buffer.from('\n')])
    if (this.#is('ignores empty bodies') && body.length === 1) return
    if (this.#is('cuts long bodies') && body.length > 100_000)
      body = Buffer.concat([body.subarray(0, 100_000), Buffer.of(0)])
    if (this.#is('ignores messages to oneself') && id === from.id) return
    if (this.#is('sends to everybody')) for (const each of this.#byId.values()) if (each.id !== id) each.send(body)
    const to = this.#byId.get(id)
    if (to) {
      if (this.#is('loses what finds a full queue') && to.queuedBytes >= this.limits.queuedBytesMax) return
      to.send(body)
      if (this.#is('repeats what finds a full queue') && to.full) to.send(body)
      if (to.full && !this.#is('has no bound for queues')) from.waitFor(to)
      return
    }
    if (!this.#is('does not count drops')) this.statisticsCounters.drop('not-connected', 1, body.length)
    if (this.#is('ends who names nobody')) from.abort('reset')
    if (this.#is('answers who names nobody')) from.send(Buffer.from('nobody there\0'))
  }

  #cutThrough(from: Connection): void {
    const held = Buffer.concat(from.unfinished)
    this.#byId.get(held.readUInt32BE())?.send(held.subarray(4))
    from.unfinished = [held.subarray(0, 4)]
  }

  // Endings ------------------------------------------------------------------------------------------------------------

  /** Its FIN has been read, or the server stops: not connected any more. */
  left(connection: Connection): void {
    this.#byId.delete(connection.id)
    if (this.#is('forwards what a FIN cut') && connection.unfinishedBytes > 4) {
      this.#route(connection, Buffer.concat([...connection.unfinished, Buffer.of(0)]))
    }
  }

  gone(connection: Connection, reason: CloseReason): void {
    this.#byId.delete(connection.id)
    if (this.#is('forwards what a reset cut') && connection.unfinishedBytes > 4) {
      this.#route(connection, Buffer.concat([...connection.unfinished, Buffer.of(0)]))
    }
    if (this.#is('blames whoever sends to a client that resets')) {
      for (const each of this.#all) if (each.waitsFor(connection)) each.abort('reset')
    }
    if (this.#is('keeps what it held for a client that resets')) this.#leaked += connection.queuedBytes
    this.#all.delete(connection)
    this.statisticsCounters.closed({ client: connection.id, reason, at: this.clock.now(), bytesIn: 0, bytesOut: 0 })
    this.freed()
    this.memory()
    if (this.#all.size === 0) this.#gone?.()
  }

  shutdown(): Promise<void> {
    this.#end ??= this.#shutDown()
    return this.#end
  }

  async #shutDown(): Promise<void> {
    this.#stopped = true
    if (!this.#is('accepts while it shuts down')) this.#listener.close()
    const { graceMs } = this.limits
    let sharedMs = graceMs / 4
    if (this.#is('gives each stalled client a quarter')) sharedMs *= Math.max(1, this.#all.size)
    const quarter = this.clock.after(sharedMs, () => {
      this.#hurried = true
      for (const each of this.#all) each.hurry()
    })
    const grace = this.clock.after(graceMs, () => {
      if (this.#is('shuts down without a bound')) return
      for (const each of this.#all) each.abort('shutdown-deadline')
    })
    if (this.#is('shuts down without a bound')) quarter()
    for (const each of this.#all) {
      if (this.#is('destroys at shutdown')) each.abort('server-shutdown')
      else each.close('server-shutdown')
    }
    if (this.#all.size > 0) {
      await new Promise<void>((resolve) => {
        this.#gone = resolve
      })
    }
    quarter()
    grace()
    this.#listener.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** Somebody may have room again. */
  freed(): void {
    for (const each of this.#all) each.read()
  }

  // Memory -------------------------------------------------------------------------------------------------------------

  /** Whether reading pauses (R5.6). */
  get full(): boolean {
    return !this.#is('has no bound for memory') && this.#held().total >= this.limits.heldBytesMax
  }

  memory(): void {
    if (this.#held().input < this.limits.heldBytesMax || this.#is('has no bound for memory')) return
    const bySize = [...this.#all].toSorted((a, b) => b.unfinishedBytes - a.unfinishedBytes)
    const victim = this.#is('ends the smallest') ? bySize.findLast((each) => each.unfinishedBytes > 0) : bySize[0]
    victim?.abort('held-bytes')
  }

  #held(): { input: number; queues: number; total: number } {
    let [input, queues] = [0, this.#leaked]
    for (const each of this.#all) {
      input += each.unfinishedBytes
      queues += each.queuedBytes
    }
    return { input, queues, total: input + queues }
  }

  statistics(): ReturnType<Statistics['snapshot']> {
    const { input, queues } = this.#held()
    return this.statisticsCounters.snapshot(this.#all.size, {
      input,
      queues,
      chunks: 0,
      channels: 0,
      mailboxes: 0,
      sockets: 0,
    })
  }
}

class Connection {
  readonly id: number
  state: 'open' | 'closing' | 'closed' = 'open'
  unfinished: Uint8Array[] = []
  queuedBytes = 0
  readonly #server: ReferenceServer
  readonly #socket: Duplex
  #queue: Uint8Array[] = []
  #outstanding = 0
  #waitingFor: Connection | undefined
  #deadline: Cancel | undefined
  #linger: Cancel | undefined
  #reading = false
  #reason: CloseReason = 'reset'

  constructor(id: number, socket: Duplex, server: ReferenceServer) {
    this.id = id
    this.#socket = socket
    this.#server = server
    socket.on('readable', () => this.read())
    socket.on('end', () => {
      if (this.#server.has('never closes after a FIN')) return
      if (this.#server.has('destroys at a FIN')) return this.abort('client-fin')
      this.close('client-fin')
    })
    socket.on('error', () => this.abort('reset'))
    socket.on('close', () => {
      this.#linger?.()
      this.#deadline?.()
      if (this.state === 'open') this.#reason = 'reset'
      this.state = 'closed'
      this.#clear()
      this.#server.gone(this, this.#reason)
    })
  }

  get unfinishedBytes(): number {
    return this.unfinished.reduce((sum, each) => sum + each.length, 0)
  }

  get full(): boolean {
    return this.queuedBytes >= this.#server.limits.queuedBytesMax
  }

  take(): Uint8Array {
    return Buffer.concat(this.unfinished.splice(0))
  }

  waitFor(other: Connection): void {
    this.#waitingFor = other
  }

  waitsFor(other: Connection): boolean {
    return this.#waitingFor === other
  }

  /** One chunk, and the next one in another turn. */
  read(): void {
    if (this.state === 'closing') while (this.#socket.read() !== null);
    if (this.#reading || this.state !== 'open' || this.#server.full) return
    if (this.#waitingFor?.full && this.#waitingFor.state !== 'closed') return
    this.#waitingFor = undefined
    const chunk: Uint8Array | null = this.#socket.read()
    if (chunk === null) return
    this.#server.statisticsCounters.bytesIn += chunk.length
    this.#server.received(this, chunk)
    this.#reading = true
    this.#server.clock.turn(() => {
      this.#reading = false
      this.read()
    })
  }

  send(bytes: Uint8Array): void {
    if (this.state !== 'open') return
    const lastFirst =
      this.#server.has('sends the newest first') || (this.#server.has('lets short ones pass') && bytes.length < 100)
    if (lastFirst) this.#queue.unshift(bytes)
    else this.#queue.push(bytes)
    this.queuedBytes += bytes.length
    if (this.#server.has('sends in the next turn')) this.#server.clock.turn(() => this.#flush())
    else this.#flush()
  }

  #flush(): void {
    if (this.#outstanding > 0 || this.state === 'closed') return
    const [first, ...others] = this.#queue
    if (!first) return this.#flushed()
    const piece = first.subarray(0, READ_BYTES)
    const rest = first.subarray(piece.length)
    this.#queue = rest.length > 0 ? [rest, ...others] : others
    if (rest.length > 0 && this.#server.has('lets the pieces of messages take turns')) this.#queue = [...others, rest]
    this.#outstanding = piece.length
    if (!this.#deadline || !this.#server.has('counts the deadline from the first byte')) this.#arm()
    this.#socket.write(piece, (error) => {
      if (error || this.state === 'closed') return
      const byDeadline = this.#server.has('counts the deadline from the first byte') && this.#queue.length > 0
      if (!byDeadline) {
        this.#deadline?.()
        this.#deadline = undefined
      }
      this.#outstanding = 0
      this.queuedBytes -= piece.length
      this.#server.statisticsCounters.bytesOut += piece.length
      this.#flush()
      this.#server.freed()
    })
    if (this.#server.hurried && this.#socket.writableLength > 0) this.abort('shutdown-deadline')
  }

  #arm(): void {
    if (this.#server.has('has no write deadline')) return
    const ms = this.#server.limits.writeDeadlineMs / (this.#server.has('ends slow readers early') ? 2 : 1)
    this.#deadline = this.#server.clock.after(ms, () => {
      if (!this.#server.has('leaves a gap instead of ending')) return this.abort('write-deadline')
      for (const dropped of this.#queue.splice(0)) this.queuedBytes -= dropped.length
      this.#server.freed()
    })
  }

  /** Sends what is queued, then FIN; reads and discards until the client closes, for as long as it may linger. */
  close(reason: CloseReason): void {
    if (this.state !== 'open') return
    this.#reason = reason
    this.#server.left(this)
    this.state = 'closing'
    this.unfinished = []
    if (this.#outstanding === 0) this.#flush()
    this.read()
  }

  #flushed(): void {
    if (this.state !== 'closing' || this.#linger) return
    if (this.#server.has('destroys instead of closing')) return this.abort(this.#reason)
    const { lingerMs } = this.#server.limits
    this.#linger = this.#server.has('lingers for ever')
      ? () => {}
      : this.#server.clock.after(lingerMs, () => this.#socket.destroy())
    this.#socket.end(() => {
      if (this.#server.has('does not linger')) this.#socket.destroy()
    })
  }

  hurry(): void {
    if (this.#outstanding > 0) this.abort('shutdown-deadline')
  }

  abort(reason: CloseReason): void {
    if (this.state === 'closed') return
    this.#reason = reason
    this.state = 'closed'
    this.#clear()
    if ('resetAndDestroy' in this.#socket && typeof this.#socket.resetAndDestroy === 'function')
      this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  #clear(): void {
    this.#deadline?.()
    if (this.#server.has('keeps what it held for a client that resets')) return
    this.#queue = []
    this.queuedBytes = 0
  }
}

function endOf(bytes: Uint8Array, from: number): number {
  return bytes.findIndex((byte, i) => i >= from && (byte === NUL || byte === 0xff))
}

/** So many turns later. */
function later(clock: Clock, turns: number, fn: () => void): void {
  if (turns === 0) fn()
  else clock.turn(() => later(clock, turns - 1, fn))
}
