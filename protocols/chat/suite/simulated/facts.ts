import { forwardingOutbox } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import type { Violation } from '@switchyard/sim'

interface Known {
  name: string
  room: string
  /** Missed lines that the protocol has asked for, and those that it has told the member of. */
  counted: number
  told: number
}

const decoder = new TextDecoder()
const NOTICE = /^Server is very busy and dropped (\d+) messages, sorry!$/

/**
 * What must hold of a chat in every step, by what it sends, whoever reads it: members = names = taken; a line goes to everybody in its
 * speaker's room, once, and to nobody else; a room is there exactly as long as somebody is in it; what was missed is told before the next
 * line. Knows of the protocol what its members know: its lines.
 */
export class Facts {
  violation: Violation | undefined
  readonly #members = new Map<ClientId, Known>()
  /** Whose step it is; and what it has said in it, with who was sent that. */
  #speaker: ClientId | undefined
  readonly #said = new Map<string, { readonly heard: ClientId[]; readonly due: number }>()

  watch(protocol: Protocol): Protocol {
    const step = (client: ClientId | undefined, out: Outbox, run: (out: Outbox) => void): void => {
      this.#speaker = client
      run(this.#watched(out))
      this.#endStep()
    }
    return {
      connected: (client, out, role) => {
        this.#members.set(client, { name: '', room: '', counted: 0, told: 0 })
        step(undefined, out, (watched) => protocol.connected(client, watched, role))
      },
      received: (client, chunk, out) => step(client, out, (watched) => protocol.received(client, chunk, watched)),
      disconnected: (client, out) => {
        this.#members.delete(client)
        step(undefined, out, (watched) => protocol.disconnected(client, watched))
      },
      heldBytes: (client) => protocol.heldBytes(client),
      drained: (client, out) => step(undefined, out, (watched) => protocol.drained?.(client, watched)),
      woken: (out) => step(undefined, out, (watched) => protocol.woken?.(watched)),
      stopping: (out) => step(undefined, out, (watched) => protocol.stopping?.(watched)),
    }
  }

  #watched(out: Outbox): Outbox {
    return forwardingOutbox(out, {
      send: (to, bytes, start, end, messages) => {
        this.#sent(to, bytes.subarray(start, end), undefined)
        out.send(to, bytes, start, end, messages)
      },
      give: (to, bytes) => {
        this.#sent(to, bytes, true)
        out.give(to, bytes)
      },
      offer: (to, bytes, start, end) => {
        const accepted = out.offer(to, bytes, start, end)
        this.#sent(to, bytes.subarray(start, end), accepted)
        return accepted
      },
      offerAll: (to, bytes, start, end) => {
        const refused = out.offerAll(to, bytes, start, end)
        for (const each of to) this.#sent(each, bytes.subarray(start, end), refused.includes(each) ? false : undefined)
        return refused
      },
      missed: (client) => {
        const missed = out.missed(client)
        const member = this.#members.get(client)
        if (member) member.counted += missed
        return missed
      },
      close: (client, why) => {
        this.#members.delete(client)
        out.close(client, why)
      },
    })
  }

  /** `accepted` is undefined where nobody says, or nobody asked: what is sent at the end of a connection comes whatever was missed. */
  #sent(to: ClientId, bytes: Uint8Array, accepted: boolean | undefined): void {
    const member = this.#members.get(to)
    if (!member) return
    for (const line of decoder.decode(bytes).split('\n').slice(0, -1)) this.#line(to, member, line, accepted)
  }

  #line(to: ClientId, member: Known, line: string, accepted: boolean | undefined): void {
    const [, missed] = NOTICE.exec(line) ?? []
    if (missed !== undefined) {
      if (accepted !== true) return
      member.told += Number(missed)
      if (member.told === member.counted) return
      return this.#fail(
        'C5.2',
        `client ${to} was told of ${member.told} missed lines in all, and ${member.counted} were`,
      )
    }
    if (accepted === true && member.told !== member.counted) {
      this.#fail(
        'C5.2',
        `client ${to} is sent "${line}", was told of ${member.told} missed lines, and ${member.counted} were`,
      )
    }
    const [, own] = /^You are (\S+)$/.exec(line) ?? []
    if (own !== undefined) this.#named(to, member, own)
    const [, room] = /^You joined (\S+)$/.exec(line) ?? []
    if (room !== undefined) member.room = room
    const [, old, now] = /^(\S+) is now (\S+)$/.exec(line) ?? []
    if (now !== undefined && to === this.#speaker && old === member.name) this.#named(to, member, now)
    const [, taken] = /^(\S+) is already taken$/.exec(line) ?? []
    if (taken !== undefined && ![...this.#members.values()].some(({ name }) => name === taken)) {
      this.#fail('C2.5', `"${line}": nobody has that name`)
    }
    const [, speaker] = /^(?:\* )?(\w+):? c\d \d/.exec(line) ?? []
    if (speaker !== undefined) this.#heard(to, member, speaker, line)
    if (line.startsWith('Users - ')) this.#expect('C4.3', `Users - ${this.#in(member.room).sort().join(', ')}`, line)
    if (line.startsWith('Rooms - ')) this.#expect('C3.2', `Rooms - ${this.#rooms()}`, line)
  }

  #named(to: ClientId, member: Known, name: string): void {
    for (const [other, known] of this.#members) {
      if (other !== to && known.name === name) this.#fail('C2.5', `clients ${to} and ${other} are both called ${name}`)
    }
    member.name = name
  }

  /** A line that somebody says now. */
  #heard(to: ClientId, { room }: Known, name: string, line: string): void {
    const speaker = this.#speaker === undefined ? undefined : this.#members.get(this.#speaker)
    if (!speaker || speaker.name !== name || speaker.room !== room) {
      return this.#fail('C3.3', `client ${to} in ${room} is sent "${line}", which nobody there says`)
    }
    const said = this.#said.get(line)
    if (said) said.heard.push(to)
    else this.#said.set(line, { heard: [to], due: this.#in(room).length })
  }

  /** Every line of the step has gone to everybody in the room, once: so all hear one order. */
  #endStep(): void {
    for (const [line, { heard, due }] of this.#said) {
      if (new Set(heard).size !== heard.length) this.#fail('C3.6', `"${line}" was sent to somebody twice`)
      if (heard.length !== due) this.#fail('C3.3', `"${line}" was sent to ${heard.length} of ${due} who are there`)
    }
    this.#said.clear()
  }

  #in(room: string): string[] {
    return [...this.#members.values()].filter((member) => member.room === room).map(({ name }) => name)
  }

  #rooms(): string {
    const counts = new Map<string, number>()
    for (const { room } of this.#members.values()) counts.set(room, (counts.get(room) ?? 0) + 1)
    return [...counts]
      .sort(([a, most], [b, least]) => least - most || (a < b ? -1 : 1))
      .map(([name, count]) => `${name} (${count})`)
      .join(', ')
  }

  #expect(clause: string, expected: string, line: string): void {
    if (line !== expected) this.#fail(clause, `"${line}", where it is "${expected}"`)
  }

  #fail(clause: string, message: string): void {
    this.violation ??= { clause, message }
  }
}
