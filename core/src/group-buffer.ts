import type { ByteQueue, Slabs, Source } from './byte-queue.ts'
import type { ClientId, Group } from './protocol.ts'
import { SharedSlab } from './shared-slab.ts'

/** What a group's buffer needs of a member's connection. */
export interface Member {
  readonly id: ClientId
  readonly outgoing: ByteQueue
  /** It can be sent to. */
  readonly open: boolean
  readonly queuedBytes: number
  /** Offers refused since the protocol last asked. */
  missed: number
  whenQueued(atMost: number): void
}

/** What a group's buffer needs of the server that it belongs to. */
export interface Members<M extends Member> {
  readonly slabs: Slabs
  readonly queuedBytesMax: number
  /** A client that can be sent to. */
  find(client: ClientId): M | undefined
  /** Something was put into the queue of a member, the first time since that was last looked at. */
  queued(member: M): void
  /** How many bytes of memory the buffers of all groups hold has changed. */
  account(delta: number): void
}

/** To how many clients one message went. */
export interface Offered {
  readonly members: number
  /** No longer there, or not any more to be sent to. */
  readonly absent: number
  readonly refused: readonly ClientId[]
}

const NONE: readonly ClientId[] = Object.freeze([])

/**
 * What is offered to one group, kept once. The queues of its members *follow* it: each ends with all that is put in here, until it is
 * looked at or something else is put into it. So a message costs one copy and no more, and each member some work a turn.
 */
export class GroupBuffer<M extends Member> implements Source {
  slab: SharedSlab
  followers = 0

  readonly #group: Group
  readonly #server: Members<M>
  #version: number | undefined
  #members: M[] = []
  #absent = 0
  /** Members whose queues do not follow: they have been looked at, or have no room. */
  #others: M[] = []
  /** No more is queued for any of the followers; it may be less. */
  #fullest = 0
  /**
   * Bytes put in since nobody had any to read; and how many there were lately: the size of the next first slab. That shrinks slowly: what
   * does not fit takes a second piece of each member's write, which costs far more than the memory.
   */
  #filled = 0
  #usual = 0

  constructor(group: Group, server: Members<M>) {
    this.#group = group
    this.#server = server
    this.slab = new SharedSlab(new Uint8Array(0), () => {})
  }

  /** One whole message, `bytes[start, end)`, for all members that have room for it. */
  offer(bytes: Uint8Array, start: number, end: number): Offered {
    const length = end - start
    if (this.#group.version !== this.#version) this.#listMembers()
    if (length === 0) return { members: this.#members.length, absent: this.#absent, refused: NONE }
    if (this.followers + this.#others.length !== this.#members.length) {
      this.#others = this.#members.filter((member) => !this.#follows(member))
    }
    const most = this.#server.queuedBytesMax / 2 - length
    if (this.#fullest > most) this.#dropFullest(most)
    const refused = this.#others.length > 0 ? this.#offerOthers(length, most) : NONE
    if (this.followers > 0) this.#put(bytes, start, end)
    return { members: this.#members.length, absent: this.#absent, refused }
  }

  #follows({ outgoing }: M): boolean {
    return outgoing.source === this
  }

  #followersNow(): M[] {
    return this.#members.filter((member) => this.#follows(member))
  }

  #listMembers(): void {
    for (const member of this.#followersNow()) member.outgoing.settle()
    this.#version = this.#group.version
    this.#members = []
    this.#absent = 0
    for (const client of this.#group) {
      const member = this.#server.find(client)
      if (member) this.#members.push(member)
      else this.#absent++
    }
    this.#others = [...this.#members]
  }

  /** Those for whom more than this is queued have no room. */
  #dropFullest(most: number): void {
    this.#fullest = 0
    for (const member of this.#followersNow()) {
      const { queuedBytes } = member
      if (queuedBytes > most) {
        member.outgoing.settle()
        this.#others.push(member)
      } else if (queuedBytes > this.#fullest) this.#fullest = queuedBytes
    }
  }

  /** Lets those follow who have room. Returns the others. */
  #offerOthers(length: number, most: number): readonly ClientId[] {
    const refused: M[] = []
    for (const member of this.#others) {
      if (!member.open) this.#leave(member)
      else if (member.missed > 0 || member.queuedBytes > most) refused.push(member)
      else {
        if (this.slab.unread || this.slab.room === 0) this.#nextSlab(length)
        this.#server.queued(member)
        this.#follow(member)
      }
    }
    this.#others = refused
    for (const member of refused) if (member.missed++ === 0) member.whenQueued(this.#server.queuedBytesMax / 4)
    return refused.map(({ id }) => id)
  }

  #leave(left: M): void {
    this.#absent++
    this.#members = this.#members.filter((member) => member !== left)
  }

  #follow(member: M): void {
    member.outgoing.follow(this)
    this.#fullest = Math.max(this.#fullest, member.queuedBytes)
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    for (let from = start; from < end;) {
      if (this.slab.room === 0) this.#nextSlab(end - from)
      const count = Math.min(end - from, this.slab.room)
      this.slab.put(bytes, from, from + count)
      this.#filled += count
      from += count
    }
  }

  /** Twice as large as one that was filled before all had read it: so much is on the way. */
  #nextSlab(wanted: number): void {
    const server = this.#server
    const followers = this.#followersNow()
    for (const { outgoing } of followers) outgoing.settle()
    if (this.slab.unread) {
      this.#usual = Math.max(this.#filled, this.#usual - (this.#usual >>> 3))
      this.#filled = 0
    }
    const bytes = server.slabs.take(Math.max(wanted, this.slab.unread ? this.#usual : this.slab.bytes.length * 2))
    server.account(bytes.length)
    this.slab = new SharedSlab(bytes, (freed) => {
      server.account(-bytes.length)
      if (freed) server.slabs.put(freed)
    })
    for (const member of followers) this.#follow(member)
  }
}
