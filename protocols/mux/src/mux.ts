import type { ClientId, Outbox, Protocol, Role } from '@switchyard/core'
import { Stream } from './stream.ts'
import { Trunk } from './trunk.ts'
import type { Streams } from './trunk.ts'
import type { Sizes } from './wire.ts'
import { ACK, frame, GO_AWAY, HEADER_BYTES, headerIn, NORMAL, PING, SIZES } from './wire.ts'

export interface MuxOptions {
  /** Streams that one trunk may have open at once; the next one is reset. */
  readonly streamsMax: number
  /** How often a trunk is pinged; 0 is never. */
  readonly keepaliveMs: number
  /** How long the answer may take, before the connection is ended; never more than `keepaliveMs`. */
  readonly answerMs: number
}

export interface MuxEnd {
  /** This end has opened its trunks, so that its ids are odd. */
  readonly opens: boolean
  /** Streams of the peer's are echoed, instead of given to acceptors. */
  readonly echoes: boolean
}

/** A stream that has something to send and can't: the peer has granted it no window, or does not read the whole connection. */
export interface HeldUp {
  readonly id: number
  readonly why: 'window' | 'connection'
}

export const DEFAULT_OPTIONS: MuxOptions = { streamsMax: 1024, keepaliveMs: 30_000, answerMs: 10_000 }

/** The number in a ping of the keepalive's own. */
const KEEPALIVE = 0
const NOTHING = new Uint8Array(0)
/**
 * Streams of the peer's that wait for an acceptor; the next one is reset. So this end has no more than that under way which the peer has
 * not taken, since its backlog is as long in other implementations; further openers wait in line.
 */
const BACKLOG = 256
/** A part of a chunk that is handed on instead of copied has so many bytes: it keeps the whole chunk. */
const HANDED_ON_BYTES_MIN = 16 * 1024

/**
 * yamux, version 0: a router between trunks, which are connections to a peer, and the streams in them.
 *
 * Roles      `opener` is the inner end of a local stream that opens one to the peer, `acceptor` one that waits for the peer to open one;
 *            each hears the stream's id in its first four bytes. `control` speaks frames: its pings and go-aways go to the peer, and it
 *            hears the answers and the peer's go-away. Whoever is none of these is a trunk.
 *            A stream of the peer's waits for an acceptor, in a backlog of 256, and is acknowledged when it is taken. Where the end
 *            echoes, there are none. An opener waits while the peer has not taken 256.
 * Order      FIFO for each stream; streams take turns, a frame each.
 * Bounds     A window of 256 KiB for each stream and direction; data waits while two buffers are queued for a trunk.
 */
export class Mux implements Protocol {
  readonly #options: MuxOptions
  readonly #end: MuxEnd
  readonly #sizes: Sizes
  readonly #trunks = new Map<ClientId, Trunk>()
  readonly #locals = new Map<ClientId, { readonly trunk: Trunk; readonly stream: Stream }>()
  readonly #acceptors = new Set<ClientId>()
  readonly #openers = new Set<ClientId>()
  /** With what has come of a frame that is not whole. */
  readonly #controls = new Map<ClientId, Uint8Array>()
  readonly #backlog = new Map<Stream, Trunk>()
  readonly #streams: Streams = {
    accepted: (trunk, id, out) => this.#accepted(trunk, id, out),
    data: (trunk, stream, chunk, start, end, out) => this.#data(trunk, stream, chunk, start, end, out),
    finReceived: (trunk, stream, out) => this.#finReceived(trunk, stream, out),
    sent: (trunk, stream, out) => this.#sent(trunk, stream, out),
    ended: (stream, out, reset) => this.#ended(stream, out, reset),
    answered: (trunk, number, out) => this.#answered(trunk, number, out),
    settled: (_, out) => this.#openWaiting(out),
    wentAway: (_, code, out) => {
      this.#tell(frame(GO_AWAY, 0, 0, code), out)
      this.#openWaiting(out)
    },
  }

  constructor(options: Partial<MuxOptions> = {}, end: MuxEnd = { opens: false, echoes: true }, sizes: Sizes = SIZES) {
    this.#options = { ...DEFAULT_OPTIONS, ...options }
    this.#end = end
    this.#sizes = sizes
  }

  connected(client: ClientId, out: Outbox, role: Role): void {
    if (role === 'acceptor') this.#acceptor(client, out)
    else if (role === 'opener') this.#opener(client, out)
    else if (role === 'control') this.#controls.set(client, NOTHING)
    else this.#trunk(client, out)
  }

  /** Takes the oldest stream that waits, with what has come for it. */
  #acceptor(client: ClientId, out: Outbox): void {
    const [oldest] = this.#backlog
    if (!oldest) return void this.#acceptors.add(client)
    const [stream, trunk] = oldest
    this.#backlog.delete(stream)
    stream.local = client
    trunk.acknowledge(stream, out)
    this.#join(trunk, stream, client, out)
    for (const bytes of stream.takeEarly()) {
      out.give(client, bytes)
      this.#credit(trunk, stream, client, out)
    }
    if (stream.finReceived) out.finish(client)
  }

  #opener(client: ClientId, out: Outbox): void {
    this.#openers.add(client)
    this.#openWaiting(out)
  }

  /** First come, first served, as many as the peer has room for. */
  #openWaiting(out: Outbox): void {
    const [trunk] = this.#trunks.values()
    if (!trunk) return
    for (const client of this.#openers) {
      if (trunk.wentAway === undefined && trunk.opening >= BACKLOG) return
      this.#openers.delete(client)
      if (trunk.wentAway === undefined) this.#join(trunk, trunk.open(client, out), client, out)
      else out.abort(client, 'protocol-abort', 'the peer has gone away')
    }
  }

  #join(trunk: Trunk, stream: Stream, client: ClientId, out: Outbox): void {
    this.#locals.set(client, { trunk, stream })
    const id = new Uint8Array(4)
    new DataView(id.buffer).setUint32(0, stream.id)
    out.give(client, id)
  }

  #trunk(client: ClientId, out: Outbox): void {
    out.pace(client)
    const trunk = new Trunk(client, !this.#end.opens, this.#streams, this.#sizes)
    this.#trunks.set(client, trunk)
    if (this.#options.keepaliveMs > 0) this.#pingAt(trunk, out.now + this.#options.keepaliveMs, out)
    this.#openWaiting(out)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const trunk = this.#trunks.get(client)
    if (trunk) return trunk.received(chunk, out)
    if (this.#controls.has(client)) return this.#control(client, chunk, out)
    const local = this.#locals.get(client)
    if (!local) return
    local.stream.push(out.keep(chunk))
    local.trunk.readyLater(local.stream, out)
    if (local.stream.pendingBytes > this.#sizes.pendingBytes) out.pause(client)
  }

  finished(client: ClientId, out: Outbox): void {
    const local = this.#locals.get(client)
    if (!local) return out.close(client)
    local.stream.finishing = true
    local.trunk.readyLater(local.stream, out)
  }

  drained(client: ClientId, out: Outbox): void {
    const trunk = this.#trunks.get(client)
    if (trunk) {
      for (const control of this.#controls.keys()) out.resume(control)
      return trunk.drained(out)
    }
    const local = this.#locals.get(client)
    if (local) this.#credit(local.trunk, local.stream, client, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.#acceptors.delete(client)
    this.#openers.delete(client)
    this.#controls.delete(client)
    const local = this.#locals.get(client)
    this.#locals.delete(client)
    // Both ends have said that they are through: what is pending still goes out, and FIN behind it.
    if (local && !(local.stream.finishing && local.stream.finReceived)) local.trunk.reset(local.stream, out)
    const trunk = this.#trunks.get(client)
    this.#trunks.delete(client)
    if (!trunk) return
    for (const stream of trunk.streams) this.#ended(stream, out, true)
    this.#openWaiting(out)
    if (this.#trunks.size > 0) return
    for (const control of this.#controls.keys()) out.close(control)
  }

  stopping(out: Outbox): void {
    for (const trunk of this.#trunks.values()) {
      trunk.pump(out) // No `drained` comes any more for what local ends have just brought.
      trunk.goAway(NORMAL, out)
    }
  }

  heldBytes(client: ClientId): number {
    const local = this.#locals.get(client)
    if (local) return local.stream.pendingBytes
    const trunk = this.#trunks.get(client)
    if (!trunk) return 0
    let held = 0
    if (this.#end.echoes) for (const { pendingBytes } of trunk.streams) held += pendingBytes
    else for (const [stream, of] of this.#backlog) if (of === trunk) held += stream.earlyBytes
    return held
  }

  heldUp(): readonly HeldUp[] {
    return [...this.#trunks.values()].flatMap(({ streams }) =>
      [...streams].flatMap(({ id, pendingBytes, sendWindow }): readonly HeldUp[] =>
        pendingBytes === 0 ? [] : [{ id, why: sendWindow === 0 ? 'window' : 'connection' }],
      ),
    )
  }

  // Control -----------------------------------------------------------------------------------------------------------

  #control(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const before = this.#controls.get(client) ?? NOTHING
    const bytes = new Uint8Array(before.length + chunk.length)
    bytes.set(before)
    bytes.set(chunk, before.length)
    let at = 0
    for (; at + HEADER_BYTES <= bytes.length; at += HEADER_BYTES) {
      const { type, length } = headerIn(bytes, at)
      for (const trunk of this.#trunks.values()) {
        if (type === PING) trunk.ping(length, out)
        else if (type === GO_AWAY) trunk.goAway(length, out)
      }
    }
    this.#controls.set(client, bytes.slice(at))
    if ([...this.#trunks.values()].some((trunk) => trunk.full(out))) out.pause(client)
  }

  #tell(message: Uint8Array, out: Outbox): void {
    for (const control of this.#controls.keys()) out.send(control, message)
  }

  // Keepalive ----------------------------------------------------------------------------------------------------------

  woken(out: Outbox): void {
    const { keepaliveMs } = this.#options
    const answerMs = Math.min(this.#options.answerMs, keepaliveMs)
    for (const trunk of this.#trunks.values()) {
      if (trunk.nextPingAt > out.now) out.wakeAt(trunk.nextPingAt)
      else if (trunk.pingSentAt !== undefined)
        out.abort(trunk.client, 'protocol-abort', `no answer to a ping for ${answerMs} ms`)
      else {
        trunk.ping(KEEPALIVE, out)
        trunk.pingSentAt = out.now
        this.#pingAt(trunk, out.now + answerMs, out)
      }
    }
  }

  #pingAt(trunk: Trunk, at: number, out: Outbox): void {
    trunk.nextPingAt = at
    out.wakeAt(at)
  }

  // What trunks tell of their streams ----------------------------------------------------------------------------------

  #accepted(trunk: Trunk, id: number, out: Outbox): Stream | undefined {
    if (trunk.streamCount >= this.#options.streamsMax) return undefined
    const [acceptor] = this.#acceptors
    if (acceptor === undefined) {
      if (!this.#end.echoes && this.#backlog.size >= BACKLOG) return undefined
      const waiting = new Stream(id, undefined, this.#sizes.windowBytes)
      if (this.#end.echoes) trunk.acknowledge(waiting, out)
      else this.#backlog.set(waiting, trunk)
      return waiting
    }
    this.#acceptors.delete(acceptor)
    const stream = new Stream(id, acceptor, this.#sizes.windowBytes)
    trunk.acknowledge(stream, out)
    this.#join(trunk, stream, acceptor, out)
    return stream
  }

  #data(trunk: Trunk, stream: Stream, chunk: Uint8Array, start: number, end: number, out: Outbox): void {
    if (stream.local !== undefined) {
      if (end - start < HANDED_ON_BYTES_MIN) out.send(stream.local, chunk, start, end)
      else out.give(stream.local, out.keep(chunk).subarray(start, end))
      this.#credit(trunk, stream, stream.local, out)
    } else if (this.#end.echoes) {
      stream.push(new Uint8Array(chunk.subarray(start, end))) // `slice` of a Buffer would copy nothing.
      trunk.ready(stream)
    } else stream.keepEarly(new Uint8Array(chunk.subarray(start, end)))
  }

  /** Now, or as soon as so much was taken that it is worth a frame. A peer that has sent FIN needs none. */
  #credit(trunk: Trunk, stream: Stream, local: ClientId, out: Outbox): void {
    if (stream.finReceived) return
    trunk.credit(stream, out.queued(local), out)
    const { windowBytes } = this.#sizes
    const used = windowBytes - stream.receiveWindow
    if (used >= windowBytes / 2) out.whenQueued(local, used - windowBytes / 2)
  }

  #finReceived(trunk: Trunk, stream: Stream, out: Outbox): void {
    if (stream.local !== undefined) return out.finish(stream.local)
    if (!this.#end.echoes) return
    stream.finishing = true
    trunk.ready(stream)
  }

  #sent(trunk: Trunk, stream: Stream, out: Outbox): void {
    if (stream.local === undefined) trunk.credit(stream, stream.pendingBytes, out)
    else if (stream.pendingBytes <= this.#sizes.pendingBytes) out.resume(stream.local)
  }

  /** The local end may have more to read: in order it ends by itself, behind its FIN. */
  #ended(stream: Stream, out: Outbox, reset: boolean): void {
    this.#backlog.delete(stream)
    if (stream.local === undefined) return
    this.#locals.delete(stream.local)
    if (reset) out.abort(stream.local, 'protocol-abort', 'the stream was reset')
    else out.close(stream.local)
  }

  /** Whatever it answers, the peer is there. */
  #answered(trunk: Trunk, number: number, out: Outbox): void {
    if (number !== KEEPALIVE) this.#tell(frame(PING, ACK, 0, number), out)
    if (trunk.pingSentAt === undefined) return
    this.#pingAt(trunk, trunk.pingSentAt + this.#options.keepaliveMs, out)
    trunk.pingSentAt = undefined
  }
}
