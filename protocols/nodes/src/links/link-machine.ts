/**
 * The links of one node over a bus that promises nothing: what is published may be dropped, delayed, doubled and reordered. A link is a
 * stream in each direction that is in order, or broken.
 *
 * Idea       Both ends number the link; what carries other numbers, or another epoch, is of an earlier link and dropped. A gap breaks the
 *            link. Beats say who is there, and repair what was lost of a handshake.
 * Silence    A node that is not heard for `silenceMs` is taken for dead. One that does not hear itself, or slept for as long, drops its own
 *            links: the others have done so.
 * Numbers    A node that starts listens first. If its number is taken it does not join; a younger one that serves ends an older that slept.
 * Read       from `received` down. No I/O and no clock: time comes in, segments go out.
 */
import { MachineLink } from './machine-link.ts'
import { decodeSegment, encodeBeat, HEAD_BYTES, SEGMENT_BYTES_MAX, writeLinkHead } from './segment.ts'
import type { Beat, KnownNode, LinkSegment } from './segment.ts'

export interface LinkMachineOptions {
  readonly node: number
  /** Of this run: higher than that of an earlier one. */
  readonly epoch: number
  /** The highest id that this node may have given, whenever it is asked. */
  readonly highestId: () => number
  /** Default: 250 ms. */
  readonly beatMs?: number
  /** Default: 1.5 s. */
  readonly silenceMs?: number
}

export interface LinkOutputs {
  publish(to: number | 'everybody', segment: Uint8Array): void
  /** It may be written to; its user must be set at once. */
  opened(link: MachineLink): void
  /** This node may serve: nobody else has its number, and what it publishes comes back. Also after each silence. */
  joined(): void
  /** Another node has its number, and serves: this one must not. */
  numberTaken(epoch: number): void
  /** Another node has tried to start with this number. */
  rival?(epoch: number): void
  /** Memory of `SEGMENT_BYTES_MAX`, which `publish` gets back. Absent: new memory. */
  newSegment?(): Uint8Array
}

interface Peer {
  epoch: number
  heardAt: number
  joined: boolean
  numbers: { mine: number; theirs: number } | undefined
  link: MachineLink | undefined
}

export const BEAT_MS = 250
export const SILENCE_MS = 1_500

export class LinkMachine {
  readonly #node: number
  readonly #epoch: number
  readonly #highestId: () => number
  readonly #beatMs: number
  readonly #silenceMs: number
  readonly #out: LinkOutputs
  readonly #peers = new Map<number, Peer>()
  readonly #highest = new Map<number, number>()
  #state: 'no-bus' | 'listening' | 'joined' | 'leaving' | 'refused' = 'no-bus'
  #listensUntil = 0
  #heardItselfAt = Number.NEGATIVE_INFINITY
  #nextBeatAt = 0
  #lookedAt = 0
  /** When it was last seen to be joined, as its connection to the broker ended. */
  #joinedLately = Number.NEGATIVE_INFINITY
  #lastNumber = 0

  constructor(options: LinkMachineOptions, out: LinkOutputs) {
    this.#node = options.node
    this.#epoch = options.epoch
    this.#highestId = options.highestId
    this.#beatMs = options.beatMs ?? BEAT_MS
    this.#silenceMs = options.silenceMs ?? SILENCE_MS
    this.#out = out
  }

  get state(): 'no-bus' | 'listening' | 'joined' | 'leaving' | 'refused' {
    return this.#state
  }

  /** It was heard that its own beats come back. */
  get hearsItself(): boolean {
    return this.#heardItselfAt > Number.NEGATIVE_INFINITY
  }

  /** The highest id that any run of this node may have given, as far as the others remember. */
  get highestOwnId(): number {
    return this.#highest.get(this.#node) ?? 0
  }

  get peers(): readonly { readonly node: number; readonly epoch: number; readonly link: MachineLink | undefined }[] {
    return [...this.#peers].map(([node, { epoch, link }]) => ({ node, epoch, link }))
  }

  // The bus ------------------------------------------------------------------------------------------------------------

  /** A connection to the broker stands: it begins anew, whatever stood over an earlier one. */
  busUp(now: number): void {
    if (this.#state === 'refused') return
    this.busDown()
    // Too short a time for another node to have taken its number: it need not listen for as long as one that starts.
    const briefly = now - this.#joinedLately <= this.#silenceMs
    this.#lookedAt = now
    this.#listen(now)
    if (briefly) this.#listensUntil = now
    this.tick(now)
  }

  busDown(): void {
    this.#breakAll('the broker is away')
    if (this.#state === 'joined') this.#joinedLately = this.#lookedAt
    if (this.#state !== 'refused') this.#state = 'no-bus'
  }

  /** Its links stay as they are, and no new one is made. */
  leave(): void {
    if (this.#state !== 'refused') this.#state = 'leaving'
    this.#beat()
  }

  #listen(now: number): void {
    this.#state = 'listening'
    // A node is taken for alive for so long: one with the same number is heard by then, or breaks its own links as a sleeper does.
    this.#listensUntil = now + this.#silenceMs + this.#beatMs
    this.#heardItselfAt = Number.NEGATIVE_INFINITY
    this.#nextBeatAt = now
  }

  /** To be called at least once in `beatMs`. */
  tick(now: number): void {
    if (this.#state === 'no-bus' || this.#state === 'refused') return
    this.#noticeOwnPause(now)
    if (now >= this.#nextBeatAt) {
      this.#nextBeatAt = now + this.#beatMs
      this.#beat()
    }
    if (this.#state === 'listening') {
      if (now >= this.#listensUntil && this.hearsItself) this.#join()
      return
    }
    if (now - this.#heardItselfAt > this.#silenceMs) {
      this.#breakAll('this node does not hear itself')
      if (this.#state === 'joined') this.#listen(now)
      return
    }
    for (const [node, peer] of this.#peers) {
      if (now - peer.heardAt <= this.#silenceMs) continue
      this.#break(peer, `node ${node} is silent`)
      this.#peers.delete(node)
    }
  }

  #join(): void {
    this.#state = 'joined'
    this.#out.joined()
    this.#beat()
    for (const [node, peer] of this.#peers) if (peer.joined) this.#hear(node, peer, 0, 0)
  }

  /** The others have given this node up while it slept: it does so too, before it serves anybody. */
  #noticeOwnPause(now: number): void {
    const slept = now - this.#lookedAt > this.#silenceMs
    this.#lookedAt = now
    if (!slept || this.#state === 'listening') return
    this.#breakAll('this node was asleep')
    this.#peers.clear()
    if (this.#state === 'joined') this.#listen(now)
    else this.#heardItselfAt = now
  }

  #beat(): void {
    this.#highest.set(this.#node, Math.max(this.highestOwnId, this.#highestId()))
    const nodes: KnownNode[] = [...this.#highest].map(([node, highestId]) => ({ node, highestId }))
    const links = [...this.#peers].flatMap(([node, { numbers, link }]) =>
      numbers ? [{ node, ...numbers, sentBytes: link?.sentBytes ?? 0, takenBytes: link?.takenBytes ?? 0 }] : [],
    )
    const joined = this.#state === 'joined'
    this.#out.publish('everybody', encodeBeat({ node: this.#node, epoch: this.#epoch, joined, nodes, links }))
  }

  // What comes ---------------------------------------------------------------------------------------------------------

  received(bytes: Uint8Array, now: number): void {
    if (this.#state === 'no-bus' || this.#state === 'refused') return
    const segment = decodeSegment(bytes)
    if (!segment) return
    this.#noticeOwnPause(now)
    if (segment.node === this.#node) return this.#receivedOwn(segment, now)
    if (segment.kind === 'beat') this.#receivedBeat(segment, now)
    else if (segment.toEpoch === this.#epoch) this.#receivedLink(segment, now)
  }

  /** Our own beat, or that of another node with our number. */
  #receivedOwn(segment: Beat | LinkSegment, now: number): void {
    if (segment.kind !== 'beat') return
    if (segment.epoch === this.#epoch) {
      this.#heardItselfAt = now
      return this.tick(now)
    }
    this.#learn(segment.nodes)
    const yields = segment.joined
      ? this.#state !== 'joined' || segment.epoch < this.#epoch
      : this.#state === 'listening' && segment.epoch < this.#epoch
    if (!yields) return this.#out.rival?.(segment.epoch)
    this.#breakAll('another node has this number')
    this.#state = 'refused'
    this.#out.numberTaken(segment.epoch)
  }

  #receivedBeat({ node, epoch, joined, nodes, links }: Beat, now: number): void {
    this.#learn(nodes)
    const peer = this.#peerOf(node, epoch, now)
    if (!peer) return
    peer.joined = joined
    const state = links.find((link) => link.node === this.#node)
    if (joined || state) this.#hear(node, peer, state?.mine ?? 0, state?.theirs ?? 0)
    if (!state || !peer.link || !isSame(peer.numbers, state)) return
    if (!peer.link.repair(state.sentBytes, state.takenBytes)) this.#reset(node, peer, 'a segment was lost')
  }

  #receivedLink(segment: LinkSegment, now: number): void {
    const { node, epoch, kind } = segment
    const peer = this.#peerOf(node, epoch, now)
    if (!peer) return
    if (kind === 'open') return this.#hear(node, peer, segment.mine, segment.theirs)
    const { link } = peer
    if (!link || !isSame(peer.numbers, segment)) return
    switch (kind) {
      case 'data':
        if (!link.receive(segment)) this.#reset(node, peer, 'a segment was lost')
        break
      case 'finish':
        if (!link.receiveFinish(segment.at)) this.#reset(node, peer, 'a segment was lost')
        else this.#forgetIfOver(peer)
        break
      case 'taken':
        link.receiveTaken(segment.at)
        break
      case 'reset':
        this.#break(peer, `node ${node} has reset the link`)
    }
  }

  /** Undefined for an earlier run than the one that is known. */
  #peerOf(node: number, epoch: number, now: number): Peer | undefined {
    const known = this.#peers.get(node)
    if (known && epoch < known.epoch) return undefined
    if (known && epoch === known.epoch) {
      known.heardAt = now
      return known
    }
    if (known) this.#break(known, `node ${node} has started anew`)
    const peer: Peer = { epoch, heardAt: now, joined: false, numbers: undefined, link: undefined }
    this.#peers.set(node, peer)
    return peer
  }

  #learn(nodes: readonly KnownNode[]): void {
    for (const { node, highestId } of nodes) {
      if (highestId > (this.#highest.get(node) ?? 0)) this.#highest.set(node, highestId)
    }
  }

  // Links --------------------------------------------------------------------------------------------------------------

  /** The other end's number of a link to this node, and what it takes ours to be; 0 where it knows none. */
  #hear(node: number, peer: Peer, mine: number, theirs: number): void {
    if (this.#state !== 'joined' && !peer.numbers) return
    if (!peer.numbers) {
      peer.numbers = { mine: ++this.#lastNumber, theirs: mine }
      return this.#open(node, peer)
    }
    if (mine === 0) return peer.link ? undefined : this.#open(node, peer)
    if (mine < peer.numbers.theirs) return
    if (mine > peer.numbers.theirs) {
      if (peer.link) {
        this.#break(peer, `node ${node} has opened another link`)
        if (this.#state !== 'joined') return
        peer.numbers = { mine: ++this.#lastNumber, theirs: mine }
      } else peer.numbers.theirs = mine
    }
    if (theirs !== peer.numbers.mine) return this.#open(node, peer)
    if (peer.link) return
    const { numbers } = peer
    this.#open(node, peer)
    peer.link = new MachineLink(
      node,
      (kind, at, segment) => this.#publish(node, peer, numbers, kind, at, segment),
      () => this.#out.newSegment?.() ?? new Uint8Array(SEGMENT_BYTES_MAX),
    )
    this.#out.opened(peer.link)
  }

  #open(node: number, peer: Peer): void {
    if (peer.numbers) this.#publish(node, peer, peer.numbers, 'open')
  }

  #publish(
    node: number,
    peer: Peer,
    { mine, theirs }: { readonly mine: number; readonly theirs: number },
    kind: LinkSegment['kind'],
    at = 0,
    segment: Uint8Array = new Uint8Array(HEAD_BYTES),
  ): void {
    writeLinkHead(segment, { kind, node: this.#node, epoch: this.#epoch, toEpoch: peer.epoch, mine, theirs, at })
    this.#out.publish(node, segment)
  }

  /** Its user ends a link: at once, whatever is on the way. The next one has other numbers. */
  reset(link: MachineLink): void {
    const peer = this.#peers.get(link.peer)
    if (peer?.link !== link) return
    link.user = undefined
    this.#reset(link.peer, peer, 'its user has reset the link')
  }

  #reset(node: number, peer: Peer, why: string): void {
    if (peer.numbers) this.#publish(node, peer, peer.numbers, 'reset')
    this.#break(peer, why)
  }

  /** Its user has written its last byte. */
  finish(link: MachineLink): void {
    link.finish()
    const peer = this.#peers.get(link.peer)
    if (peer?.link === link) this.#forgetIfOver(peer)
  }

  #forgetIfOver(peer: Peer): void {
    if (!peer.link?.over) return
    peer.link = undefined
    peer.numbers = undefined
  }

  #break(peer: Peer, why: string): void {
    const { link } = peer
    peer.link = undefined
    peer.numbers = undefined
    link?.user?.broke(why)
  }

  #breakAll(why: string): void {
    for (const peer of this.#peers.values()) this.#break(peer, why)
  }
}

function isSame(
  numbers: { readonly mine: number; readonly theirs: number } | undefined,
  theirEnd: { readonly mine: number; readonly theirs: number },
): boolean {
  return numbers !== undefined && numbers.mine === theirEnd.theirs && numbers.theirs === theirEnd.mine
}
