/**
 * The node router: a router whose clients are spread over several servers (docs/protocols/nodes.md).
 *
 * Idea       The node is read off an id. A message for a client of this node is sent; one for another node's goes over the link to it.
 *            A link is a connection too, with the role `node`, and carries frames instead of messages.
 * Order      That of the bytes, as in one node: a link is a stream, in order or reset.
 * Price      A sender is held back for a stalled client of another node once a window is full; a link that breaks loses what was on the
 *            way, which is counted.
 * Read       from `received` down.
 */
import type { ClientId, Outbox, Protocol, Role } from '@switchyard/core'
import { Router } from '../../router/src/router.ts'
import type { RouterOutbox } from '../../router/src/router.ts'
import type { MessageLimits } from '../../router/src/wire.ts'
import { Holds } from './holds.ts'
import { nodeOf, NODES_MAX } from './ids.ts'
import { Link } from './link.ts'
import { Losses } from './losses.ts'
import type { LossCounts } from './losses.ts'
import type { OwnIds } from './own-ids.ts'
import { Parked } from './parked.ts'
import { Peer } from './peer.ts'
import {
  emptyFrame,
  grantFrame,
  GRANTS_MAX,
  HEADER_BYTES,
  helloFrame,
  readGrants,
  readHello,
  readReceived,
  readTo,
  receivedFrame,
  SECRET_BYTES,
  TO_BYTES,
  writeDataHead,
} from './wire.ts'
import type { Grant, Header } from './wire.ts'

export interface NodeOptions extends MessageLimits {
  /** From 1 to `NODES_MAX`; no two nodes that run have the same. */
  readonly node: number
  /** Of this run: higher than that of every earlier run of this node. */
  readonly epoch: number
  /** Whoever links must know it: 32 bytes. Default: zeros. */
  readonly secret?: Uint8Array
  /** Bytes that may be on the way from one other node to one client here. Default: 256 KiB. */
  readonly windowBytes?: number
  /** How long whoever sends to a node is held back whose link broke; then what is sent to it is dropped. Default: 2 s. */
  readonly healMs?: number
  /** How long a leave waits for the other nodes. Default: 1.25 s, a quarter of a shutdown's usual grace. */
  readonly leaveMs?: number
  /** Hears of each id before its client does. Absent: nobody will ask which were given. */
  readonly ids?: Pick<OwnIds, 'give'>
}

export interface PeerSnapshot {
  readonly node: number
  readonly epoch: number
  readonly state: 'linked' | 'down' | 'left'
  /** Links that there have been. */
  readonly links: number
  /** Messages over the present link: sent, known to have arrived, received. */
  readonly sent: number
  readonly confirmed: number
  readonly received: number
  /** Messages of broken links of which it is not known whether they arrived. */
  readonly inDoubt: number
  /** Clients of that node with something on the way to them. */
  readonly windows: number
}

export interface NodesSnapshot {
  readonly node: number
  readonly epoch: number
  readonly clients: number
  /** Clients that are not read, for a full window, a full link or one that heals. */
  readonly held: number
  readonly peers: readonly PeerSnapshot[]
  readonly losses: LossCounts
  /** By destination. A client of another node, or one of this node that was gone. */
  readonly lossesOf: Readonly<Record<string, LossCounts>>
  readonly lossesOfOthers: number
}

/** The most that a client's chunk sends in one call of `send`, but for one long message. */
const READ_BYTES = 64 * 1024
const WINDOW_BYTES = 256 * 1024
const HEAL_MS = 2_000
const LEAVE_MS = 1_250
/** What is read so soon after another node has said that it leaves is still sent to it: several are often stopped together. */
const ANSWERS_AFTER_MS = 100
/** Grants and counts that nothing has forced earlier are sent at this interval. */
const SETTLE_MS = 100
/** Senders are held back at the first, and let go at the second. */
const LINK_BYTES_MAX = 1024 * 1024
const LINK_BYTES_LOW = 512 * 1024
/** Clients to which something is on the way over one link, and entries of what is not confirmed: at that the link counts as full. */
const ENTRIES_MAX = 65_536
/** Grants that are owed: at that they are sent, whatever the time. */
const OWED_MAX = 1024
const UNTOLD_MESSAGES_MAX = 4096

/** A key of `Holds` that is no id: the end of this server. */
const LEAVING = 0

export class NodeRouter implements Protocol {
  readonly #node: number
  readonly #epoch: number
  readonly #secret: Uint8Array
  readonly #windowBytes: number
  readonly #healMs: number
  readonly #leaveMs: number
  readonly #ids: Pick<OwnIds, 'give'> | undefined
  readonly #dataBytesMax: number
  readonly #router: Router
  readonly #clients = new Set<ClientId>()
  readonly #links = new Map<ClientId, Link>()
  readonly #peers = new Map<number, Peer>()
  readonly #losses = new Losses()
  readonly #holds = new Holds()
  readonly #parked = new Parked()
  /** Of the next data frame: the outbox copies it. */
  readonly #head = new Uint8Array(HEADER_BYTES + TO_BYTES)
  readonly #headView = new DataView(this.#head.buffer)
  #out: Outbox | undefined
  #inner: RouterOutbox | undefined
  /** Whose step this is. */
  #current: ClientId = 0
  #settlesAt = Number.POSITIVE_INFINITY
  /** The connection over which this node was told to leave, and until when it waits for the others. */
  #leaving: { readonly control: ClientId; readonly until: number } | undefined

  /** Throws RangeError for a node number or a limit out of range. */
  constructor({ node, epoch, secret, windowBytes, healMs, leaveMs, ids, messageBytesMax }: NodeOptions) {
    if (!Number.isInteger(node) || node < 1 || node > NODES_MAX) {
      throw new RangeError(`node is ${node}: it must be a whole number from 1 to ${NODES_MAX}`)
    }
    this.#node = node
    this.#epoch = epoch
    this.#secret = secret ?? new Uint8Array(SECRET_BYTES)
    this.#windowBytes = windowBytes ?? WINDOW_BYTES
    this.#healMs = healMs ?? HEAL_MS
    this.#leaveMs = leaveMs ?? LEAVE_MS
    this.#ids = ids
    this.#dataBytesMax = TO_BYTES + Math.max(messageBytesMax, READ_BYTES)
    this.#router = new Router({ messageBytesMax })
  }

  // Steps --------------------------------------------------------------------------------------------------------------

  connected(client: ClientId, out: Outbox, role: Role): void {
    if (role === 'node') this.#linked(client, out)
    else if (role !== 'leaving' && this.#isRemembered(client, out)) {
      this.#clients.add(client)
      this.#router.connected(client, this.#innerOf(out))
    }
  }

  /** An id that the next run would not know is given to nobody: its client is refused. */
  #isRemembered(client: ClientId, out: Outbox): boolean {
    try {
      this.#ids?.give(client)
      return true
    } catch (error) {
      out.abort(client, 'protocol-abort', `its id can't be remembered: ${String(error)}`)
      return false
    }
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    if (!this.#clients.has(client)) return this.#receivedFromNode(client, chunk, out)
    this.#current = client
    this.#router.received(client, chunk, this.#innerOf(out))
    if (this.#leaving && this.#holds.add(client, LEAVING)) out.pause(client)
  }

  #receivedFromNode(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const link = this.#links.get(client)
    if (!link) return this.#leave(client, out)
    this.#out = out
    const wrong = link.over ? undefined : link.reader.read(chunk)
    if (wrong !== undefined) this.#refuse(link, wrong, out)
    if (!link.over) this.#tellIfDue(link, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    const link = this.#links.get(client)
    if (link) {
      this.#links.delete(client)
      this.#broke(link, out)
    } else if (this.#clients.delete(client)) {
      this.#holds.forget(client)
      this.#router.disconnected(client)
      this.#losses.add(client, 'gone', this.#parked.drop(client))
      this.#grantAll(client, out)
    }
  }

  heldBytes(client: ClientId): number {
    const link = this.#links.get(client)
    return link ? link.reader.heldBytes : this.#router.heldBytes(client) + this.#parked.heldBytes(client)
  }

  /** A link has room again, or a client for which messages were parked or grants put off. */
  drained(client: ClientId, out: Outbox): void {
    if (this.#links.has(client)) return this.#release(client, out)
    this.#unpark(client, out, () => out.queued(client) <= this.#windowBytes)
    if (this.#hasRoom(client, out)) this.#grantAll(client, out)
    else out.whenQueued(client, this.#windowBytes / 2)
  }

  woken(out: Outbox): void {
    if (out.now >= this.#settlesAt) {
      this.#settlesAt = Number.POSITIVE_INFINITY
      for (const link of this.#links.values()) this.#settle(link, out)
    }
    for (const link of this.#links.values()) {
      if (link.answersAt <= out.now && link.peer) this.#answerLeave(link, link.peer, out)
      else if (link.answersAt < Number.POSITIVE_INFINITY) out.wakeAt(link.answersAt)
    }
    for (const peer of this.#peers.values()) {
      if (peer.healsUntil <= out.now) this.#release(-peer.node, out)
      else if (!peer.link) out.wakeAt(peer.healsUntil)
    }
    if (this.#leaving) {
      if (out.now >= this.#leaving.until) out.close(this.#leaving.control)
      else out.wakeAt(this.#leaving.until)
    }
    if (this.#settlesAt < Number.POSITIVE_INFINITY) out.wakeAt(this.#settlesAt)
  }

  /** The last frame of each link: what came by now, so that the other end's books are exact. */
  stopping(out: Outbox): void {
    for (const client of this.#parked.clients) this.#unpark(client, out, () => true)
    for (const link of this.#links.values()) if (!link.over) this.#tell(link, out)
  }

  snapshot(): NodesSnapshot {
    const { of, others } = this.#losses.byDestination
    return {
      node: this.#node,
      epoch: this.#epoch,
      clients: this.#clients.size,
      held: this.#holds.size,
      peers: [...this.#peers.values()].map(snapshotOf),
      losses: this.#losses.total,
      lossesOf: Object.fromEntries([...of].map(([to, counts]) => [String(to), { ...counts }])),
      lossesOfOthers: others,
    }
  }

  // What clients send --------------------------------------------------------------------------------------------------

  /** The outbox that the router of this node's own clients has: it sends to other nodes' clients too. */
  #innerOf(out: Outbox): RouterOutbox {
    if (out === this.#out && this.#inner) return this.#inner
    this.#out = out
    const send: RouterOutbox['send'] = (to, bytes, start = 0, end = bytes.length, messages = 1) => {
      if (nodeOf(to) !== this.#node) this.#sendAway(to, bytes, start, end, messages, out)
      else if (this.#links.size > 0 && this.#links.has(to)) this.#losses.add(to, 'link-id', messages)
      else out.send(to, bytes, start, end, messages)
    }
    this.#inner = { apart: out.apart, send, abort: (client, reason, why) => out.abort(client, reason, why) }
    return this.#inner
  }

  #sendAway(to: ClientId, bytes: Uint8Array, start: number, end: number, messages: number, out: Outbox): void {
    const peer = this.#peers.get(nodeOf(to))
    const link = peer?.link
    if (!link || peer.left) return this.#drop(peer, to, bytes, start, end, messages, out)
    const length = end - start
    writeDataHead(this.#headView, to, messages, length)
    out.send(link.client, this.#head, 0, this.#head.length, 0)
    out.send(link.client, bytes, start, end, messages)
    link.sent.add(to, messages)
    const onTheWay = (link.onTheWay.get(to) ?? 0) + length
    link.onTheWay.set(to, onTheWay)
    if (onTheWay >= link.windowBytes) this.#hold(to, out)
    if (this.#isFull(link, out)) {
      this.#hold(link.client, out)
      out.whenQueued(link.client, LINK_BYTES_LOW)
    }
  }

  #isFull(link: Link, out: Outbox): boolean {
    return (
      out.queued(link.client) >= LINK_BYTES_MAX || link.onTheWay.size >= ENTRIES_MAX || link.sent.length >= ENTRIES_MAX
    )
  }

  /** R3.7, for a client of another node: consumed, dropped and counted. Core counts it as well, for an id that nobody has here. */
  #drop(
    peer: Peer | undefined,
    to: ClientId,
    bytes: Uint8Array,
    start: number,
    end: number,
    messages: number,
    out: Outbox,
  ): void {
    out.send(to, bytes, start, end, messages)
    this.#losses.add(to, !peer ? 'unknown-node' : peer.left ? 'node-left' : 'link-down', messages)
    if (peer && !peer.left && out.now < peer.healsUntil) this.#hold(-peer.node, out)
  }

  /** The client whose step this is waits: not in the middle of its chunk, but it is not read further. */
  #hold(key: number, out: Outbox): void {
    if (this.#holds.add(this.#current, key)) out.pause(this.#current)
  }

  #release(key: number, out: Outbox): void {
    for (const client of this.#holds.release(key)) out.resume(client)
  }

  // Links --------------------------------------------------------------------------------------------------------------

  #linked(client: ClientId, out: Outbox): void {
    out.pace(client)
    const link = new Link(
      client,
      this.#dataBytesMax,
      (header, payload) => this.#frame(link, header, payload),
      (header) => this.#skipped(link, header),
    )
    this.#links.set(client, link)
    const hello = { node: this.#node, epoch: this.#epoch, serial: client, windowBytes: this.#windowBytes }
    out.give(client, helloFrame({ ...hello, secret: this.#secret }))
  }

  #frame(link: Link, { kind, count }: Header, payload: Uint8Array): void {
    const out = this.#out
    if (link.over || !out) return
    if (kind === 'hello') return this.#hello(link, payload, out)
    const { peer } = link
    if (!peer) return this.#refuse(link, `${kind} before hello`, out)
    switch (kind) {
      case 'data':
        return this.#data(link, readTo(payload), payload, count, out)
      case 'grant':
        return this.#granted(link, readGrants(payload), out)
      case 'received': {
        const told = readReceived(payload)
        const believed = told && this.#confirmed(link, peer, told.serial, told.messages, out)
        return believed ? undefined : this.#refuse(link, 'a count of more than was sent', out)
      }
      case 'leave':
        link.answersAt = Math.min(link.answersAt, out.now + ANSWERS_AFTER_MS)
        return out.wakeAt(link.answersAt)
      case 'left':
        link.answeredLeave = true
        this.#tell(link, out)
        return this.#leaveIfAnswered(out)
    }
  }

  #hello(link: Link, payload: Uint8Array, out: Outbox): void {
    const hello = readHello(payload)
    if (!hello) return this.#refuse(link, 'a hello of another version', out)
    if (link.peer) return this.#refuse(link, 'a second hello', out)
    if (!isSame(hello.secret, this.#secret)) return this.#refuse(link, 'a hello without the secret', out)
    const { node, epoch, serial, windowBytes } = hello
    if (node === this.#node || node < 1 || node > NODES_MAX) return this.#refuse(link, `a hello of node ${node}`, out)
    const known = this.#peers.get(node)
    if (known && epoch < known.epoch) return this.#refuse(link, `a hello of an earlier run of node ${node}`, out)
    const peer = known ?? new Peer(node, epoch)
    this.#peers.set(node, peer)
    if (peer.link) this.#replace(peer.link, out)
    if (epoch > peer.epoch) peer.restarted(epoch, this.#losses)
    peer.links++
    peer.link = link
    link.peer = peer
    link.peerSerial = serial
    link.windowBytes = windowBytes
    for (const [broken, messages] of peer.came) out.give(link.client, receivedFrame({ serial: broken, messages }))
    this.#tell(link, out)
    if (this.#leaving) out.give(link.client, emptyFrame('leave'))
    this.#release(-node, out)
  }

  /** The other node knows that the older link is broken before this one does. */
  #replace(older: Link, out: Outbox): void {
    this.#broke(older, out)
    out.abort(older.client, 'protocol-abort', 'a newer link stands in its place')
  }

  #refuse(link: Link, why: string, out: Outbox): void {
    out.abort(link.client, 'protocol-abort', why)
    this.#broke(link, out)
  }

  /** Once for each link. What its clients were held back for is moved to the time that healing may take. */
  #broke(link: Link, out: Outbox): void {
    if (link.over) return
    link.over = true
    const { peer } = link
    if (peer?.link !== link) return
    peer.broke(link, this.#losses)
    const heals = !peer.left && !this.#leaving
    if (heals) {
      peer.healsUntil = out.now + this.#healMs
      out.wakeAt(peer.healsUntil)
    }
    for (const key of [...link.onTheWay.keys(), link.client]) {
      if (heals) this.#holds.move(key, -peer.node)
      else this.#release(key, out)
    }
    this.#leaveIfAnswered(out)
  }

  // What comes over a link ---------------------------------------------------------------------------------------------

  #data(link: Link, to: ClientId, payload: Uint8Array, messages: number, out: Outbox): void {
    const bytes = payload.length - TO_BYTES
    link.received += messages
    link.untoldBytes += bytes
    const isClient = this.#clients.has(to)
    if (this.#links.has(to)) this.#losses.add(to, 'link-id', messages)
    else {
      if (!isClient) this.#losses.add(to, 'gone', messages)
      if (this.#parked.has(to) || out.queued(to) > this.#windowBytes) this.#park(to, payload, messages, out)
      else out.send(to, payload, TO_BYTES, payload.length, messages)
    }
    const owed = link.owe(to, bytes)
    if (!isClient || owed >= this.#windowBytes / 2) this.#grantOrWait(link, to, owed, out)
    else this.#settleLater(out)
  }

  /**
   * Its queue is long by what other nodes have sent: more would fill it, and where a full queue stops a pattern, their senders would
   * stop this node. A single window does not come here: several do, or many senders with a chunk each beyond it.
   */
  #park(client: ClientId, payload: Uint8Array, messages: number, out: Outbox): void {
    this.#parked.add(client, payload.subarray(TO_BYTES), messages)
    out.whenQueued(client, this.#windowBytes / 2)
  }

  #unpark(client: ClientId, out: Outbox, wanted: () => boolean): void {
    this.#parked.take(client, wanted, (bytes, messages) => out.send(client, bytes, 0, bytes.length, messages))
  }

  /** Whether what was sent to it has gone out, so far that another window may come. */
  #hasRoom(client: ClientId, out: Outbox): boolean {
    return !this.#parked.has(client) && out.queued(client) <= this.#windowBytes / 2
  }

  /** Longer than this node allows: it arrived, and is not delivered. Its destination is not known. */
  #skipped(link: Link, { count, length }: Header): void {
    link.received += count
    this.#losses.add(link.client, 'too-long', count)
    link.untoldBytes += length
  }

  #grantOrWait(link: Link, client: ClientId, bytes: number, out: Outbox): void {
    if (this.#hasRoom(client, out)) return this.#grant(link, [{ client, bytes }], out)
    if (link.watched.has(client)) return
    link.watched.add(client)
    out.whenQueued(client, this.#windowBytes / 2)
  }

  #grant(link: Link, grants: readonly Grant[], out: Outbox): void {
    for (const { client } of grants) {
      link.owed.delete(client)
      link.watched.delete(client)
    }
    for (let at = 0; at < grants.length; at += GRANTS_MAX) {
      out.give(link.client, grantFrame(grants.slice(at, at + GRANTS_MAX)))
    }
  }

  /** It has taken what came for it, or is gone and never will: whoever waits for its window waits no more. */
  #grantAll(client: ClientId, out: Outbox): void {
    for (const link of this.#links.values()) {
      const bytes = link.owed.get(client)
      if (bytes !== undefined && !link.over) this.#grant(link, [{ client, bytes }], out)
    }
  }

  #granted(link: Link, grants: readonly Grant[], out: Outbox): void {
    const wasFull = link.onTheWay.size >= ENTRIES_MAX
    for (const { client, bytes } of grants) if (link.granted(client, bytes)) this.#release(client, out)
    if (wasFull && !this.#isFull(link, out)) this.#release(link.client, out)
  }

  #confirmed(link: Link, peer: Peer, serial: ClientId, messages: number, out: Outbox): boolean {
    if (serial !== link.client) return peer.cameThrough(serial, messages)
    const wasFull = link.sent.length >= ENTRIES_MAX
    if (!link.sent.confirm(messages)) return false
    // Its own count is the first: those of broken links came before it.
    peer.giveUp(this.#losses)
    if (wasFull && !this.#isFull(link, out)) this.#release(link.client, out)
    return true
  }

  #tellIfDue(link: Link, out: Outbox): void {
    if (link.received - link.told >= UNTOLD_MESSAGES_MAX || link.untoldBytes >= this.#windowBytes / 2) {
      this.#tell(link, out)
    } else if (link.received > link.told) this.#settleLater(out)
    if (link.owed.size - link.watched.size >= OWED_MAX) this.#settle(link, out)
  }

  #tell(link: Link, out: Outbox): void {
    link.told = link.received
    link.untoldBytes = 0
    out.give(link.client, receivedFrame({ serial: link.peerSerial, messages: link.received }))
  }

  /** What is owed for clients that have taken it, and the count. */
  #settle(link: Link, out: Outbox): void {
    if (link.over || !link.peer) return
    if (link.received > link.told) this.#tell(link, out)
    const grants: Grant[] = []
    for (const [client, bytes] of link.owed) {
      if (link.watched.has(client)) continue
      if (this.#hasRoom(client, out)) grants.push({ client, bytes })
      else this.#grantOrWait(link, client, bytes, out)
    }
    if (grants.length > 0) this.#grant(link, grants, out)
  }

  #settleLater(out: Outbox): void {
    if (this.#settlesAt < Number.POSITIVE_INFINITY) return
    this.#settlesAt = out.now + SETTLE_MS
    out.wakeAt(this.#settlesAt)
  }

  // Leaving ------------------------------------------------------------------------------------------------------------

  /** This node is told to leave: clients are not read any more, once what was read of them is through. */
  #leave(control: ClientId, out: Outbox): void {
    if (this.#leaving) return
    this.#leaving = { control, until: out.now + this.#leaveMs }
    out.wakeAt(this.#leaving.until)
    for (const link of this.#links.values()) if (link.peer) out.give(link.client, emptyFrame('leave'))
    this.#leaveIfAnswered(out)
  }

  /** All that other nodes have sent to this one has come: the control connection ends, and the server may. */
  #leaveIfAnswered(out: Outbox): void {
    if (!this.#leaving) return
    for (const link of this.#links.values()) if (link.peer && !link.over && !link.answeredLeave) return
    out.close(this.#leaving.control)
  }

  /** Another node leaves: nothing more is sent to it. The answer comes behind all that was. */
  #answerLeave(link: Link, peer: Peer, out: Outbox): void {
    link.answersAt = Number.POSITIVE_INFINITY
    if (link.over) return
    peer.left = true
    this.#tell(link, out)
    out.give(link.client, emptyFrame('left'))
    for (const key of [...link.onTheWay.keys(), link.client, -peer.node]) this.#release(key, out)
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

function snapshotOf(peer: Peer): PeerSnapshot {
  const { node, epoch, link, left, links, inDoubt } = peer
  return {
    node,
    epoch,
    state: left ? 'left' : link ? 'linked' : 'down',
    links,
    sent: link?.sent.sent ?? 0,
    confirmed: link?.sent.confirmed ?? 0,
    received: link?.received ?? 0,
    inDoubt,
    windows: link?.onTheWay.size ?? 0,
  }
}
