import type { ClientId, Outbox } from '@switchyard/core'
import { Stream } from './stream.ts'
import {
  ACK,
  DATA,
  FIN,
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  PING,
  PROTOCOL_ERROR,
  RST,
  SYN,
  WINDOW_UPDATE,
  writeHeader,
} from './wire.ts'
import type { Header, Sizes } from './wire.ts'

/** A body of up to so many bytes is copied behind its header. */
const COPIED_BYTES_MAX = 1024
/** From so many on, a piece that is pending leaves as it is, in a frame of its own. */
const PIECE_BYTES_MIN = 4096

/** What a trunk tells of its streams. */
export interface Streams {
  /** The peer opens a stream. Returns its end here, to be acknowledged when it is taken; or undefined if there is none for it: then it is reset. */
  accepted(trunk: Trunk, id: number, out: Outbox): Stream | undefined
  /** Bytes for the local end, `chunk[start, end)`; `chunk` is what was received in this step. */
  data(trunk: Trunk, stream: Stream, chunk: Uint8Array, start: number, end: number, out: Outbox): void
  /** The peer has taken a stream that this end opened, or that one has ended: there is room for another. */
  settled(trunk: Trunk, out: Outbox): void
  /** Both ends have sent FIN, or it was `reset`: it is forgotten. */
  ended(stream: Stream, out: Outbox, reset: boolean): void
  /** The peer sends no more in it. */
  finReceived(trunk: Trunk, stream: Stream, out: Outbox): void
  /** Fewer bytes of it wait for the peer. */
  sent(trunk: Trunk, stream: Stream, out: Outbox): void
  /** A ping of ours was answered. */
  answered(trunk: Trunk, number: number, out: Outbox): void
  /** The peer accepts no more streams. */
  wentAway(trunk: Trunk, code: number, out: Outbox): void
}

/** One connection to a peer that speaks yamux, and its streams. */
export class Trunk {
  readonly client: ClientId
  /** Ids that the peer uses are odd: it has opened the connection. */
  readonly #peerIsOdd: boolean
  readonly #to: Streams
  readonly #sizes: Sizes
  readonly #streams = new Map<number, Stream>()
  #ready: Stream[] = []
  readonly #frameOut = new Uint8Array(HEADER_BYTES + COPIED_BYTES_MAX)
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  #current: { readonly stream: Stream | undefined; readonly flags: number; rest: number } | undefined
  #nextId: number
  #paused = false
  /** Streams that this end has opened and the peer has not taken. */
  opening = 0
  /** A protocol error: it hears nothing any more. */
  broken = false
  /** The code with which the peer has said that it accepts no more streams. */
  wentAway: number | undefined
  /** This end has said so: streams that the peer opens are reset. */
  #leaving = false
  /** When the ping was sent that is not answered; and when the next one is due. */
  pingSentAt: number | undefined
  nextPingAt: number = Number.POSITIVE_INFINITY

  constructor(client: ClientId, peerIsOdd: boolean, to: Streams, sizes: Sizes) {
    this.client = client
    this.#peerIsOdd = peerIsOdd
    this.#to = to
    this.#sizes = sizes
    this.#nextId = peerIsOdd ? 2 : 1
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values()
  }

  get streamCount(): number {
    return this.#streams.size
  }

  // Reading ------------------------------------------------------------------------------------------------------------

  received(chunk: Uint8Array, out: Outbox): void {
    let at = 0
    while (at < chunk.length && !this.broken)
      at += this.#current ? this.#body(chunk, at, out) : this.#head(chunk, at, out)
    this.pump(out)
    if (this.#paused || !this.full(out)) return
    this.#paused = true
    out.pause(this.client)
  }

  #head(chunk: Uint8Array, at: number, out: Outbox): number {
    if (this.#headerBytes === 0 && at + HEADER_BYTES <= chunk.length) {
      this.#frame(headerIn(chunk, at), out)
      return HEADER_BYTES
    }
    const count = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + count), this.#headerBytes)
    this.#headerBytes += count
    if (this.#headerBytes < HEADER_BYTES) return count
    this.#headerBytes = 0
    this.#frame(headerIn(this.#header), out)
    return count
  }

  #frame(header: Header, out: Outbox): void {
    const { version, type, flags, length } = header
    if (version !== 0) return this.#breaks(out, `version ${version}: this end speaks version 0`)
    switch (type) {
      case DATA:
      case WINDOW_UPDATE:
        return this.#streamFrame(header, out)
      case PING:
        if (flags & SYN) out.give(this.client, frame(PING, ACK, 0, length))
        else if (flags & ACK) this.#to.answered(this, length, out)
        return
      case GO_AWAY:
        this.wentAway = length
        return this.#to.wentAway(this, length, out)
      default:
        return this.#breaks(out, `a frame of type ${type}: the types are 0 to 3`)
    }
  }

  #streamFrame({ type, flags, stream: id, length }: Header, out: Outbox): void {
    if (id === 0) return this.#breaks(out, 'data or credit for stream 0, which is the connection itself')
    if (flags & SYN && !this.#opened(id, out)) return
    const stream = this.#streams.get(id)
    if (type === DATA) {
      if (stream && (stream.finReceived || length > stream.receiveWindow)) {
        const why = stream.finReceived ? 'data behind FIN' : `${length} bytes, and a window of ${stream.receiveWindow}`
        return this.#breaks(out, `stream ${id}: ${why}`)
      }
      if (!stream && length > this.#sizes.windowBytes)
        return this.#breaks(out, `stream ${id}: ${length} bytes for a stream that is closed`)
      if (stream) stream.receiveWindow -= length
      this.#current = { stream, flags, rest: length }
      if (length === 0) this.#bodyEnds(out)
      return
    }
    if (stream) {
      stream.sendWindow += length
      if (stream.sendWindow >= 2 ** 32) return this.#breaks(out, `stream ${id}: a window of more than 2^32 - 1 bytes`)
      this.ready(stream)
    }
    this.#flags(stream, flags, out)
  }

  /** False if that broke the connection. */
  #opened(id: number, out: Outbox): boolean {
    if ((id % 2 === 1) !== this.#peerIsOdd) {
      this.#breaks(out, `stream ${id}: the peer opens ${this.#peerIsOdd ? 'odd' : 'even'} ids`)
      return false
    }
    if (this.#streams.has(id)) {
      this.#breaks(out, `stream ${id} is open already`)
      return false
    }
    const stream = this.#leaving ? undefined : this.#to.accepted(this, id, out)
    if (stream) this.#streams.set(id, stream)
    else out.give(this.client, frame(WINDOW_UPDATE, RST, id, 0))
    return true
  }

  #body(chunk: Uint8Array, at: number, out: Outbox): number {
    const current = this.#current
    if (!current) return 0
    const count = Math.min(current.rest, chunk.length - at)
    current.rest -= count
    if (current.stream && this.#streams.get(current.stream.id) === current.stream) {
      this.#to.data(this, current.stream, chunk, at, at + count, out)
    }
    if (current.rest === 0) this.#bodyEnds(out)
    return count
  }

  #bodyEnds(out: Outbox): void {
    const current = this.#current
    this.#current = undefined
    if (current) this.#flags(current.stream, current.flags, out)
  }

  #flags(stream: Stream | undefined, flags: number, out: Outbox): void {
    if (!stream) return
    if (flags & ACK) this.#settle(stream, out)
    if (flags & RST) return this.#forget(stream, out, true)
    if (!(flags & FIN) || stream.finReceived) return
    stream.finReceived = true
    this.#to.finReceived(this, stream, out)
    if (stream.over) this.#forget(stream, out, false)
  }

  /** Tells the peer why as far as a go-away can, and ends the connection behind it. */
  #breaks(out: Outbox, why: string): void {
    this.broken = true
    out.give(this.client, frame(GO_AWAY, 0, 0, PROTOCOL_ERROR))
    out.close(this.client, why)
  }

  #forget(stream: Stream, out: Outbox, reset: boolean): void {
    if (this.#streams.get(stream.id) !== stream) return
    this.#streams.delete(stream.id)
    this.#to.ended(stream, out, reset)
    this.#settle(stream, out)
  }

  #settle(stream: Stream, out: Outbox): void {
    if (!stream.opening) return
    stream.opening = false
    this.opening--
    this.#to.settled(this, out)
  }

  // Writing ------------------------------------------------------------------------------------------------------------

  /** Opens a stream whose end here is `local`. */
  open(local: ClientId, out: Outbox): Stream {
    const stream = new Stream(this.#nextId, local, this.#sizes.windowBytes)
    this.#nextId += 2
    stream.opening = true
    this.opening++
    this.#streams.set(stream.id, stream)
    out.give(this.client, frame(WINDOW_UPDATE, SYN, stream.id, 0))
    return stream
  }

  /** Tells the peer that somebody has taken its stream. */
  acknowledge(stream: Stream, out: Outbox): void {
    out.give(this.client, frame(WINDOW_UPDATE, ACK, stream.id, 0))
  }

  reset(stream: Stream, out: Outbox): void {
    if (this.#streams.get(stream.id) !== stream) return
    out.give(this.client, frame(WINDOW_UPDATE, RST, stream.id, 0))
    this.#forget(stream, out, true)
  }

  ping(number: number, out: Outbox): void {
    out.give(this.client, frame(PING, SYN, 0, number))
  }

  /** Says so once. */
  goAway(code: number, out: Outbox): void {
    if (this.#leaving) return
    this.#leaving = true
    out.give(this.client, frame(GO_AWAY, 0, 0, code))
  }

  /** More is queued for it than an honest peer causes. If so, its `drained` step comes when the peer has read. */
  full(out: Outbox): boolean {
    if (out.queued(this.client) <= this.#sizes.unreadBytes) return false
    out.whenQueued(this.client, this.#sizes.queuedBytes / 2)
    return true
  }

  /** It may have something to send. */
  ready(stream: Stream): void {
    if (stream.ready || !stream.sendable) return
    stream.ready = true
    this.#ready.push(stream)
  }

  /** It may have something to send. That leaves in `drained`, with what the turn's other streams bring, in one write. */
  readyLater(stream: Stream, out: Outbox): void {
    this.ready(stream)
    out.whenQueued(this.client, this.#sizes.queuedBytes / 2)
  }

  /** Sends what the windows allow, a frame for each stream in turn, until the trunk has enough. */
  pump(out: Outbox): void {
    let next = 0
    for (let stream = this.#ready[next]; stream && !this.broken; stream = this.#ready[++next]) {
      if (out.queued(this.client) > this.#sizes.queuedBytes) {
        out.whenQueued(this.client, this.#sizes.queuedBytes / 2)
        break
      }
      stream.ready = false
      if (this.#streams.get(stream.id) === stream) this.#sendOne(stream, out)
    }
    this.#ready = this.#ready.slice(next)
  }

  #sendOne(stream: Stream, out: Outbox): void {
    const most = Math.min(stream.pendingBytes, stream.sendWindow, this.#sizes.frameBytesMax)
    if (most > 0) this.#sendData(stream, most, out)
    if (stream.finishing && !stream.finSent && stream.pendingBytes === 0) {
      // In a frame of its own, as others send it: some handle a frame's flags before its data.
      stream.finSent = true
      out.give(this.client, frame(WINDOW_UPDATE, FIN, stream.id, 0))
    }
    this.#to.sent(this, stream, out)
    if (stream.over) this.#forget(stream, out, false)
    else this.ready(stream)
  }

  #sendData(stream: Stream, most: number, out: Outbox): void {
    const piece = Math.min(most, stream.pieceBytes)
    if (piece >= PIECE_BYTES_MIN) {
      writeHeader(this.#frameOut, DATA, 0, stream.id, piece)
      out.send(this.client, this.#frameOut, 0, HEADER_BYTES)
      out.give(this.client, stream.takePiece(piece))
    } else if (most <= COPIED_BYTES_MAX) {
      writeHeader(this.#frameOut, DATA, 0, stream.id, most)
      stream.take(most, this.#frameOut, HEADER_BYTES)
      out.send(this.client, this.#frameOut, 0, HEADER_BYTES + most)
    } else {
      const bytes = frame(DATA, 0, stream.id, most, most)
      stream.take(most, bytes, HEADER_BYTES)
      out.give(this.client, bytes)
    }
  }

  /** Gives back the credit for what the stream's user has taken, once it is worth a frame; `untaken` bytes are not. */
  credit(stream: Stream, untaken: number, out: Outbox): void {
    const credit = this.#sizes.windowBytes - stream.receiveWindow - untaken
    if (credit < this.#sizes.windowBytes / 2 || stream.finReceived) return
    stream.receiveWindow += credit
    out.give(this.client, frame(WINDOW_UPDATE, 0, stream.id, credit))
  }

  drained(out: Outbox): void {
    if (this.#paused) {
      this.#paused = false
      out.resume(this.client)
    }
    this.pump(out)
  }
}
