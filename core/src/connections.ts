import type { Duplex } from 'node:stream'
import { Alarm } from './alarm.ts'
import { ByteQueue, mustBePart, Slabs } from './byte-queue.ts'
import { liveClock } from './clock.ts'
import { Commits } from './commits.ts'
import type { Clock } from './clock.ts'
import { Connection } from './connection/connection.ts'
import type { Edges, Owner } from './connection/connection.ts'
import { FIN } from './connection/reading.ts'
import type { Shared } from './connection/shared.ts'
import { GroupBuffer } from './group-buffer.ts'
import type { Members } from './group-buffer.ts'
import { HeldBytes } from './held-bytes.ts'
import { HeldInput } from './held-input.ts'
import { KeptChunks } from './kept-chunks.ts'
import { DEFAULT_LIMITS, limitsOf, READ_BYTES } from './limits.ts'
import type { Limits } from './limits.ts'
import { OWN_ROLES } from './protocol.ts'
import type { AbortReason, ClientId, Group, Listener, Outbox, Protocol, ServeOptions } from './protocol.ts'
import { Statistics } from './statistics.ts'
import type { StatisticsSnapshot } from './statistics.ts'
import { Turns } from './turns.ts'
import { WaitForGraph } from './wait-for-graph.ts'
import type { Party } from './wait-for-graph.ts'

/** A protocol has steps that a pattern does not take: thrown by `serve`. */
export class UnsupportedSteps extends TypeError {
  readonly code = 'UNSUPPORTED_STEPS'
}

/** What a pattern hears of. Only `accepted` must be listened to. */
export interface ConnectionsEdges extends Edges {
  /** A connection has an id, and its protocol has not been told. */
  accepted(connection: Connection): void
  /** A step is due that belongs to no client's chunk: take `due()`, once for each such call. */
  due?(): void
}

export interface ConnectionsOptions {
  /** The most that one read answers; default one read. Smaller for patterns whose channels have less room than that. */
  readonly readBytesMax?: number
  /** The pattern calls `commit` between deciding and delivering: whoever asks for commits is refused elsewhere. Default: false. */
  readonly commits?: boolean
}

/** So often it is looked, in a quarter of the grace, who takes something. */
const LOOKS = 4

/** A power of two: as many destinations as are found without asking the map. */
const RECENT = 256

const NONE: readonly Connection[] = Object.freeze([])

/**
 * The connections of one server: who they are, what the protocol sent to them, and how they end. It calls the protocol,
 * one step at a time, when a pattern says so; it never decides when, and it writes nothing by itself.
 */
export class Connections implements Outbox {
  readonly limits: Limits
  readonly clock: Clock
  readonly waits: WaitForGraph
  readonly held: HeldBytes

  readonly #protocol: Protocol
  readonly #listener: Listener
  readonly #shared: Shared & { hurried: boolean; stopped: boolean }
  readonly #owner: Owner
  readonly #edges: ConnectionsEdges
  readonly #statistics: Statistics
  readonly #turns: Turns
  readonly #alarm: Alarm
  readonly #commits: Commits | undefined
  /** All whose socket has not closed. */
  readonly #all = new Set<Connection>()
  readonly #connected = new Map<ClientId, Connection>()
  /** All for which `disconnected` is still owed. */
  readonly #owed = new Set<Connection>()
  readonly #input: HeldInput
  readonly #kept: KeptChunks
  #dirty: Connection[] = []
  #full: Connection[] = []
  /** By the lowest bits of their ids; all of them are connected. */
  readonly #recent: (Connection | undefined)[] = Array.from({ length: RECENT }, () => undefined)
  readonly #groups = new WeakMap<Group, GroupBuffer<Connection>>()
  readonly #members: Members<Connection>
  readonly #drained = new Set<Connection>()
  /** Were paused, resumed or waited for in this step: what the protocol holds of or for them may have changed with it. */
  #recount: Connection[] = []
  #due = false
  /** Open connections of `OWN_ROLES`. */
  #own = 0
  #farewells = false
  #stepping = false
  #chunkIsKept = false
  readonly #firstId: ClientId
  #now: number | undefined
  readonly apart = false
  #resolveClosed: (() => void) | undefined
  #cancelQuarter: (() => void) | undefined
  #cancelLook: (() => void) | undefined
  #cancelGrace: (() => void) | undefined

  /**
   * Throws RangeError for limits out of range, and TypeError for a protocol with steps, or a `commit`, that the pattern does not
   * know. Listens to `listener` from now on.
   */
  constructor(
    protocol: Protocol,
    listener: Listener,
    options: ServeOptions,
    edges: ConnectionsEdges,
    { readBytesMax = READ_BYTES, commits = false }: ConnectionsOptions = {},
  ) {
    this.limits = limitsOf(options)
    this.#firstId = firstIdOf(options)
    if (!edges.due && (protocol.woken || protocol.drained || protocol.finished)) {
      throw new UnsupportedSteps(
        'the protocol has optional steps (finished, drained, woken), and it takes none that belong to no chunk',
      )
    }
    if (options.commit && !commits) {
      throw new TypeError(
        'what is decided must be committed before it is delivered, and this pattern does not wait for that',
      )
    }
    this.clock = options.clock ?? liveClock
    this.#protocol = protocol
    this.#listener = listener
    this.#edges = edges
    this.#statistics = new Statistics(options.journal)
    this.#turns = new Turns(this.clock)
    this.#alarm = new Alarm(this.clock, () => this.#signalDue())
    this.waits = new WaitForGraph(() => this.clock.now())
    this.#commits = options.commit && new Commits(options.commit, this.waits)
    this.held = new HeldBytes(this.limits.heldBytesMax, () => this.#turns.atEnd(this.#resumeReading))
    this.#input = new HeldInput(this.held, this.waits)
    this.#kept = new KeptChunks(this.held)
    this.#shared = {
      limits: this.limits,
      clock: this.clock,
      turns: this.#turns,
      waits: this.waits,
      held: this.held,
      slabs: new Slabs(this.limits.queuedBytesMax),
      statistics: this.#statistics,
      readBytesMax,
      untaken: listener.untaken && ((socket) => listener.untaken?.(socket) ?? Promise.resolve(undefined)),
      gather: (socket) => listener.gather?.(socket),
      finIsRead: edges.due !== undefined && hasOptionalStep(protocol),
      commits: options.commit !== undefined,
      hurried: false,
      stopped: false,
    }
    this.#members = {
      slabs: this.#shared.slabs,
      queuedBytesMax: this.limits.queuedBytesMax,
      find: (client) => this.#find(client),
      queued: (connection) => this.#markDirty(connection),
      account: (delta) => this.held.add('queues', delta),
    }
    this.#owner = {
      edges,
      waitsForMemory: (connection) => this.#input.wait(connection),
      drained: (connection) => this.#noteDrained(connection),
      closing: (connection) => this.#closing(connection),
      closed: (connection) => this.#closed(connection),
    }
    listener.on('connection', this.#accept)
    listener.on('error', this.#listenerFailed)
  }

  // Steps: each calls the protocol once --------------------------------------------------------------------------------

  /** The first step: from now on the client is connected. Returns the full destinations, as `received` does. */
  connected(connection: Connection): readonly Connection[] {
    if (connection.state !== 'accepted') return NONE
    connection.connect()
    this.#connected.set(connection.id, connection)
    this.#owed.add(connection)
    this.#enter()
    this.#protocol.connected(connection.id, this, connection.role)
    const full = this.#leave()
    return connection.paced ? NONE : full
  }

  /**
   * One chunk of a client's; nothing happens if it is not connected any more. Answers with the destinations that this
   * chunk was sent to and that are full by now; no later step changes the answer. A chunk of a paused client is kept.
   */
  received(connection: Connection, chunk: Uint8Array): readonly Connection[] {
    if (!connection.connected) return NONE
    if (connection.kept || connection.paused) {
      this.#kept.keep(connection, chunk)
      return NONE
    }
    if (chunk === FIN) return this.#finished(connection)
    this.#enter()
    this.#protocol.received(connection.id, chunk, this)
    if (this.#chunkIsKept) this.#chunkIsKept = false
    else this.#listener.recycle?.(chunk)
    return this.#leave(connection)
  }

  /** The client has sent FIN. A protocol without a step for that takes it for the end. */
  #finished(connection: Connection): readonly Connection[] {
    if (!this.#protocol.finished) {
      connection.endReading()
      return NONE
    }
    this.#enter()
    this.#protocol.finished(connection.id, this)
    const full = this.#leave(connection)
    connection.finHandled()
    return full
  }

  /** The last step, once for each client however often it is called; the client leaves with it. */
  disconnected(connection: Connection): void {
    if (this.#shared.stopped) this.#endService(connection)
    connection.close()
    if (!this.#owed.delete(connection)) return
    this.#enter()
    this.#protocol.disconnected(connection.id, this)
    this.#leave()
    this.#input.count(connection, 0, this.#owed)
    if (this.#allAreClosed) this.#resolveClosed?.()
  }

  /**
   * The steps that are due and belong to no client's chunk: nobody can be held back for what they send, so a protocol sends a
   * bounded amount in them. Together they are one step to whoever reads.
   */
  due(): void {
    this.#due = false
    const drained = [...this.#drained]
    this.#drained.clear()
    if (this.#alarm.take() && this.#protocol.woken) {
      this.#enter()
      this.#protocol.woken(this)
      this.#leave()
    }
    for (const connection of drained) {
      if (!connection.connected) continue
      this.#enter()
      this.#protocol.drained?.(connection.id, this)
      this.#leave(connection)
    }
    this.#kept.handOver(this.#receive)
  }

  /** Every chunk that was read has been decided by now: the first last step at a shutdown is the end of all others. */
  #endService(connection: Connection): void {
    this.#kept.handOver(this.#receive)
    if (this.#farewells || !this.#endsWithService(connection)) return
    this.#farewells = true
    if (!this.#protocol.stopping) return
    this.#enter()
    this.#protocol.stopping(this)
    this.#leave()
  }

  /** It ends since the server stops, and not by itself. */
  #endsWithService(connection: Connection): boolean {
    if (!connection.connected || !this.#owed.has(connection)) return false
    return !connection.finReceived || this.#protocol.finished !== undefined
  }

  #noteDrained(connection: Connection): void {
    this.#drained.add(connection)
    this.#signalDue()
  }

  /** One edge, at the end of this turn: never from inside of a step, whatever asked for it. */
  #signalDue(): void {
    if (this.#due || this.#shared.stopped) return
    this.#due = true
    this.#turns.atEnd(() => this.#edges.due?.())
  }

  /**
   * Commits all that has been decided: until the promise has settled nothing of it is flushed, and `takeDirty` does not answer with
   * it. Undefined: there is nothing to wait for. What is decided meanwhile is for the next commit, which begins when this one has
   * ended. The promise rejects if it fails: that is a crash.
   */
  commit(who: Party): Promise<void> | undefined {
    if (!this.#commits) return undefined
    this.endStep()
    const commit = this.#commits.begin(who)
    if (commit) this.#statistics.commits++
    return commit
  }

  /**
   * For a pattern that decides on before it has delivered, and delivers step by step: those for whom something was decided since the
   * last call. How much that is for each, its `outgoing.end` says until the next step; it is a part of the next commit.
   */
  endStep(): readonly Connection[] {
    const decided = this.#takeDecided()
    this.#commits?.add(decided)
    return decided
  }

  /** Those who have something to send since the last call, each once, in the order of their first message. */
  takeDirty(): readonly Connection[] {
    return this.#commits ? this.#commits.take() : this.#takeDecided()
  }

  #takeDecided(): readonly Connection[] {
    if (this.#dirty.length === 0) return NONE
    const dirty = this.#dirty
    this.#dirty = []
    for (const connection of dirty) {
      connection.outgoing.settle()
      connection.dirty = false
    }
    return dirty
  }

  /**
   * A queue beside those of the connections, from the same slabs. Whoever makes it says where its bytes are counted, and waits
   * with it for no other client: what it writes within one turn may leave together, at the turn's end.
   */
  queue(account: (delta: number) => void): ByteQueue {
    return new ByteQueue(this.#shared.slabs, account)
  }

  // The outbox ---------------------------------------------------------------------------------------------------------

  send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length, messages = 1): void {
    this.#statistics.decide(messages, end - start)
    const connection = this.#find(to)
    if (!connection) return this.#statistics.drop('not-connected', messages, end - start)
    connection.outgoing.push(bytes, start, end)
    this.#sent(connection)
  }

  give(to: ClientId, bytes: Uint8Array): void {
    this.#statistics.decide(1, bytes.length)
    const connection = this.#find(to)
    if (!connection) return this.#statistics.drop('not-connected', 1, bytes.length)
    connection.outgoing.give(bytes)
    this.#sent(connection)
  }

  keep(chunk: Uint8Array): Uint8Array {
    this.#chunkIsKept = true
    return chunk
  }

  offer(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const length = end - start
    const connection = this.#find(to)
    const { queuedBytesMax } = this.limits
    if (!connection || (connection.missed === 0 && connection.queuedBytes + length <= queuedBytesMax / 2)) {
      this.send(to, bytes, start, end)
      return connection !== undefined
    }
    if (connection.missed++ === 0) connection.whenQueued(queuedBytesMax / 4)
    this.#statistics.decide(1, length)
    this.#statistics.drop('refused', 1, length)
    return false
  }

  offerAll(to: Group, bytes: Uint8Array, start = 0, end: number = bytes.length): readonly ClientId[] {
    mustBePart(bytes, start, end)
    let buffer = this.#groups.get(to)
    if (!buffer) this.#groups.set(to, (buffer = new GroupBuffer(to, this.#members)))
    const { members, absent, refused } = buffer.offer(bytes, start, end)
    const length = end - start
    this.#statistics.decide(members + absent, (members + absent) * length)
    if (absent > 0) this.#statistics.drop('not-connected', absent, absent * length)
    if (refused.length > 0) this.#statistics.drop('refused', refused.length, refused.length * length)
    return refused
  }

  missed(client: ClientId): number {
    const connection = this.#connected.get(client)
    if (!connection) return 0
    const { missed } = connection
    connection.missed = 0
    return missed
  }

  queued(client: ClientId): number {
    return this.#connected.get(client)?.queuedBytes ?? 0
  }

  whenQueued(client: ClientId, atMost: number): void {
    const connection = this.#connected.get(client)
    if (!connection) return
    connection.whenQueued(atMost)
    this.#recount.push(connection)
  }

  get now(): number {
    return (this.#now ??= this.clock.now())
  }

  wakeAt(at: number): void {
    if (!this.#shared.stopped) this.#alarm.set(at)
  }

  /** For a pattern that drops a message instead of sending it, because its destination has no room. */
  drop(bytes: number): void {
    this.#statistics.decide(1, bytes)
    this.#statistics.drop('mailbox-full', 1, bytes)
  }

  close(client: ClientId, why?: string): void {
    const connection = this.#connected.get(client)
    if (!connection) return
    connection.close('protocol-close', why)
    this.#markDirty(connection)
  }

  abort(client: ClientId, reason: AbortReason, why?: string): void {
    const connection = this.#connected.get(client)
    if (!connection) return
    if (this.#commits) this.#markDirty(connection)
    connection.abort(reason, why, true)
  }

  finish(client: ClientId): void {
    this.#mustReadFin('finish')
    const connection = this.#connected.get(client)
    if (!connection) return
    this.#forget(connection)
    if (this.#commits) this.#markDirty(connection)
    connection.finish()
  }

  pause(client: ClientId): void {
    this.#mustReadFin('pause')
    const connection = this.#connected.get(client)
    if (!connection || connection.paused) return
    connection.pause()
    this.#recount.push(connection)
  }

  resume(client: ClientId): void {
    const connection = this.#connected.get(client)
    if (!connection?.paused) return
    connection.resume()
    this.#recount.push(connection)
    if (!connection.kept) return
    this.#kept.resume(connection)
    this.#signalDue()
  }

  pace(client: ClientId): void {
    const connection = this.#connected.get(client)
    if (connection) connection.paced = true
  }

  /** What is paused has a FIN that must wait, and what is finished goes on being read: FIN has to come as a chunk does. */
  #mustReadFin(verb: string): void {
    if (!this.#shared.finIsRead) {
      throw new TypeError(`${verb} is for protocols with an optional step, on a pattern that knows \`due\``)
    }
  }

  /** Whom something can be sent to. */
  #find(id: ClientId): Connection | undefined {
    const recent = this.#recent[id & (RECENT - 1)]
    if (recent !== undefined && recent.id === id) return recent
    const connection = this.#connected.get(id)
    return (this.#recent[id & (RECENT - 1)] = connection?.finishing ? undefined : connection)
  }

  /** The next time it is looked for in the map. */
  #forget(connection: Connection): void {
    this.#recent[connection.id & (RECENT - 1)] = undefined
  }

  #sent(connection: Connection): void {
    if (!connection.dirty) this.#markDirty(connection)
    if (connection.full && !this.#full.includes(connection)) this.#full.push(connection)
  }

  #markDirty(connection: Connection): void {
    if (connection.dirty) return
    connection.dirty = true
    this.#dirty.push(connection)
    if (this.#commits) connection.uncommitted++
  }

  // Shutting down (R4.3) -----------------------------------------------------------------------------------------------

  get stopped(): boolean {
    return this.#shared.stopped
  }

  /**
   * Stops accepting and reading: every read answers that it is over. Stalled clients have a quarter of the grace from now
   * on, everybody who is seen to take something has all of it.
   */
  stop(): void {
    if (this.#shared.stopped) return
    this.#shared.stopped = true
    this.#listener.close()
    this.#alarm.cancel()
    const { graceMs } = this.limits
    if (this.#shared.untaken) this.#look()
    this.#cancelQuarter = this.clock.after(graceMs / 4, () => this.#hurry())
    this.#cancelGrace = this.clock.after(graceMs, () => {
      this.#commits?.giveUp(new Error(`a commit has not ended within the grace of a shutdown, ${graceMs} ms`))
      for (const connection of this.#all) connection.abort('shutdown-deadline')
    })
    this.#turns.atEnd(() => {
      for (const connection of this.#all) connection.wake()
    })
  }

  /**
   * All to whom something is owed now: a close, since their socket has not closed, or the last step. If there are farewells, first
   * those with whose last step they come: a pattern may deliver all of these steps at once, and what came first is then the farewells.
   */
  all(): Iterable<Connection> {
    const all = new Set([...this.#all, ...this.#owed])
    if (!this.#protocol.stopping || this.#farewells) return all
    return new Set([...[...all].filter((connection) => this.#endsWithService(connection)), ...all])
  }

  /** Rejects when a commit has failed; absent where none is asked for. */
  get failed(): Promise<never> | undefined {
    return this.#commits?.failed
  }

  /** Settles when every connection has closed and every last step was taken: the end of a shutdown. */
  async closed(): Promise<void> {
    if (!this.#allAreClosed) {
      await new Promise<void>((resolve) => {
        this.#resolveClosed = resolve
      })
    }
    if (this.#commits?.underWay) await this.#commits.underWay
    this.#cancelQuarter?.()
    this.#cancelLook?.()
    this.#cancelGrace?.()
    this.#listener.off('connection', this.#accept)
    this.#listener.off('error', this.#listenerFailed)
  }

  get #allAreClosed(): boolean {
    return this.#all.size === 0 && this.#owed.size === 0
  }

  /** Whoever stops taking after the quarter is ended at one of the looks that follow. */
  #look(): void {
    for (const connection of this.#all) {
      connection.watch()
      if (this.#shared.hurried) connection.hurry()
    }
    this.#cancelLook = this.clock.after(this.limits.graceMs / 4 / LOOKS, () => this.#look())
  }

  #hurry(): void {
    this.#shared.hurried = true
    for (const connection of this.#all) connection.hurry()
  }

  // Edges --------------------------------------------------------------------------------------------------------------

  statistics(): StatisticsSnapshot {
    const held = this.held.byPlace()
    for (const connection of this.#all) held.sockets += connection.socketBytes
    return this.#statistics.snapshot(this.#all.size, held)
  }

  readonly #accept = (socket: Duplex): void => {
    const id = this.#firstId + this.#statistics.accepted
    const role = this.#listener.roleOf?.(socket) ?? 'client'
    const own = OWN_ROLES.includes(role)
    const full = !own && this.#all.size - this.#own >= this.limits.connectionsMax
    if (this.#shared.stopped || full || id > this.limits.idsMax) {
      this.#statistics.refuse()
      socket.on('error', () => {}) // It was refused: how it fails on the way out is nobody's concern.
      socket.destroy()
      return
    }
    if (own) this.#own++
    const connection = new Connection(id, role, socket, this.#shared, this.#owner)
    this.#statistics.opened(id, socket)
    this.#all.add(connection)
    this.#edges.accepted(connection)
  }

  readonly #resumeReading = (): void => this.#input.resume()

  readonly #receive = (connection: Connection, chunk: Uint8Array): void => void this.received(connection, chunk)

  readonly #listenerFailed = (error: Error): void => {
    this.#statistics.listenerFailed(error)
  }

  #closing(connection: Connection): void {
    this.#input.endWait(connection)
    this.#connected.delete(connection.id)
    this.#forget(connection)
    this.#kept.drop(connection)
  }

  #closed(connection: Connection): void {
    if (this.#all.delete(connection) && OWN_ROLES.includes(connection.role)) this.#own--
    if (this.#allAreClosed) this.#resolveClosed?.()
  }

  #enter(): void {
    if (this.#stepping) throw new Error('a step was taken inside of a step: a protocol is never called twice at once')
    this.#stepping = true
    this.#now = undefined
    if (this.#full.length > 0) this.#full = []
  }

  /** Ends a step. If it handled a chunk of `connection`, what is held of that input may have changed. Returns the full destinations. */
  #leave(connection?: Connection): readonly Connection[] {
    this.#stepping = false
    if (connection) this.#input.count(connection, this.#protocol.heldBytes(connection.id), this.#owed)
    if (this.#recount.length > 0) {
      const recount = this.#recount
      this.#recount = []
      for (const one of recount)
        if (this.#owed.has(one)) this.#input.count(one, this.#protocol.heldBytes(one.id), this.#owed)
    }
    return this.#full.length > 0 && !connection?.paced ? this.#full : NONE
  }
}

const OPTIONAL_STEPS = ['finished', 'drained', 'woken', 'stopping'] as const

function hasOptionalStep(protocol: Protocol): boolean {
  return OPTIONAL_STEPS.some((step) => protocol[step] !== undefined)
}

/** Throws RangeError if it is none. */
function firstIdOf({ firstId = 1 }: ServeOptions): ClientId {
  if (Number.isSafeInteger(firstId) && firstId >= 1 && firstId <= DEFAULT_LIMITS.idsMax) return firstId
  throw new RangeError(`firstId is ${firstId}: it must be a whole number from 1 to ${DEFAULT_LIMITS.idsMax}`)
}
