import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import type { ChatSay } from '@switchyard/protocols/chat/simulated'
import type { ClientView, Event } from '@switchyard/sim'
import { isOver, SHOWN_MS } from './mail.ts'
import type { Follower, Letter } from './mail.ts'

/** A line on its way to the server, or to one of its listeners. */
interface Tracked {
  letter: Letter
  /** On its way to the server: where it ends in the stream of who says it. */
  readonly end: number | undefined
  /** On its way to a listener: where it ends in that one's stream. */
  readonly outEnd: number | undefined
}

/** What the protocol has seen of a client, and what it has sent to it; bytes. */
interface Served {
  processed: number
  owed: number
}

interface Account {
  sent: number
  delivered: number
  read: number
  gone: boolean
  /** How many lines it has begun to say, and where the latest ends. */
  lines: number
  lineEnd: number
  id: ClientId | undefined
}

/**
 * Follows what is said in a chat by counting bytes, as `Mail` does: a line is one letter on its way to the server, and from there one for each
 * member that it is sent to. Of the rest that a member is sent, only the bytes are counted. A line that a member misses has no letter.
 */
export class RoomMail implements Follower<ChatSay> {
  arrived = 0
  readonly #accounts: readonly Account[]
  readonly #byId = new Map<ClientId, number>()
  /** By ids: a client's first step comes before anybody hears that it is connected. */
  readonly #served = new Map<ClientId, Served>()
  #live: Tracked[] = []
  #shown: readonly Letter[] = []
  #now = 0
  #spoken = 0

  constructor(clients: number) {
    this.#accounts = Array.from({ length: clients }, () => ({
      sent: 0,
      delivered: 0,
      read: 0,
      gone: false,
      lines: 0,
      lineEnd: 0,
      id: undefined,
    }))
  }

  watch(protocol: Protocol): Protocol {
    return forwardingProtocol(
      withOutbox(protocol, (out) => this.#counting(out, undefined)),
      {
        received: (client, chunk, out) => {
          this.#servedOf(client).processed += chunk.length
          protocol.received(client, chunk, this.#counting(out, this.clientOf(client)))
        },
      },
    )
  }

  clientOf(id: ClientId): number | undefined {
    return this.#byId.get(id)
  }

  hear(event: Event<ChatSay>, now: number): void {
    this.#now = now
    switch (event.kind) {
      case 'connect':
        // Ids count upwards (R2.1).
        if (event.refused) return
        this.#accounts[event.client]!.id = this.#byId.size + 1
        this.#byId.set(this.#byId.size + 1, event.client)
        return
      case 'move':
        if (event.move.kind === 'say') this.#said(event.client, event.move.say.line.length + 1, event.bytes)
        return
      case 'deliver':
        this.#accounts[event.client]!.delivered += event.bytes
        return
      case 'read':
        this.#accounts[event.client]!.read += event.bytes.length
        return
      case 'accept':
      case 'end':
      case 'turn':
      case 'sync':
      case 'time':
      case 'shutdown':
    }
  }

  letters(clients: readonly ClientView[], now: number): readonly Letter[] {
    for (const { index, link, end } of clients) this.#accounts[index]!.gone = link.gone || end !== undefined
    const live: Tracked[] = []
    for (const tracked of this.#live) {
      const at = this.#whereabouts(tracked, clients)
      if (at === undefined) continue
      if (at !== tracked.letter.at) {
        if (at === 'read') this.arrived++
        tracked.letter = { ...tracked.letter, at, since: now }
      }
      if (!isOver(at) || now - tracked.letter.since < SHOWN_MS) live.push(tracked)
    }
    this.#live = live
    const letters = live.map(({ letter }) => letter)
    const changed = letters.length !== this.#shown.length || letters.some((letter, at) => letter !== this.#shown[at])
    return changed ? (this.#shown = letters) : this.#shown
  }

  #servedOf(id: ClientId): Served {
    let served = this.#served.get(id)
    if (!served) this.#served.set(id, (served = { processed: 0, owed: 0 }))
    return served
  }

  /** Lines are ASCII: a character is a byte. */
  #said(from: number, lineBytes: number, bytes: number): void {
    const account = this.#accounts[from]!
    if (account.sent >= account.lineEnd) {
      account.lineEnd = account.sent + lineBytes
      const letter: Letter = { key: `${from}.${account.lines++}`, from, to: from, at: 'incoming', since: this.#now }
      this.#live.push({ letter, end: account.lineEnd, outEnd: undefined })
    }
    account.sent += bytes
  }

  /** Counts what leaves the protocol. What goes to a room in a step of `speaker` is what it said. */
  #counting(out: Outbox, speaker: number | undefined): Outbox {
    return forwardingOutbox(out, {
      send: (to, bytes, start = 0, end = bytes.length, messages) => {
        this.#owe(to, end - start)
        out.send(to, bytes, start, end, messages)
      },
      give: (to, bytes) => {
        this.#owe(to, bytes.length)
        out.give(to, bytes)
      },
      offer: (to, bytes, start = 0, end = bytes.length) => {
        const taken = out.offer(to, bytes, start, end)
        if (taken) this.#owe(to, end - start)
        return taken
      },
      offerAll: (group, bytes, start = 0, end = bytes.length) => {
        const refused = new Set(out.offerAll(group, bytes, start, end))
        const spoken = this.#spoken++
        for (const id of group) {
          if (refused.has(id)) continue
          const outEnd = this.#owe(id, end - start)
          const to = this.clientOf(id)
          if (speaker === undefined || to === undefined) continue
          const letter: Letter = { key: `${spoken}>${to}`, from: speaker, to, at: 'queued', since: this.#now }
          this.#live.push({ letter, end: undefined, outEnd })
        }
        return [...refused]
      },
    })
  }

  #owe(id: ClientId, bytes: number): number {
    return (this.#servedOf(id).owed += bytes)
  }

  /** Undefined for a line that the server has read to its end: its listeners' letters go on. */
  #whereabouts({ letter, end, outEnd }: Tracked, clients: readonly ClientView[]): Letter['at'] | undefined {
    if (isOver(letter.at)) return letter.at
    if (outEnd !== undefined) {
      const { read, gone } = this.#accounts[letter.to]!
      if (read >= outEnd) return 'read'
      if (gone) return 'lost'
      return read + clients[letter.to]!.link.readable >= outEnd ? 'outgoing' : 'queued'
    }
    const { delivered, gone, id } = this.#accounts[letter.from]!
    if (end === undefined || (id !== undefined && this.#servedOf(id).processed >= end)) return undefined
    if (gone) return 'lost'
    return delivered >= end ? 'inside' : 'incoming'
  }
}
