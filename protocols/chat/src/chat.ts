/**
 * Chat: members talk in rooms; what one says goes to everybody in its room.
 *
 * Idea       A line for a room is offered to its members, not sent: who lags misses lines and is told how many, and nobody waits.
 * Order      A room's lines are in one order for all of its members: that in which the steps came.
 * Price      One read becomes many lines: `offerAll` keeps each once for all, but each member still takes a write.
 * Read       from `connected` down. Clauses are those of docs/protocols/chat.md.
 */
import type { ClientId, Outbox, Protocol, Role } from '@switchyard/core'
import { commandOf, encodeLine, isCommand, isQuit } from './commands.ts'
import type { FloodLimits } from './flood-limit.ts'
import type { Input, Line } from './line-reader.ts'
import { LINE_BYTES_MAX, Member } from './member.ts'
import { NameSequence } from './names.ts'
import { MAIN, Rooms } from './rooms.ts'
import type { Room } from './rooms.ts'

/** C4.1: the greeting, which programs may know by heart. What it leaves out, `/help` tells too. */
const HELP = `Server commands
  /help - print this message
  /name {name} - change name
  /rooms - list rooms
  /join {room} - joins room
  /users - list users in room
  /quit - quit server`
const MORE_HELP = `
  /me {action} - say what you do
  /msg {name} {text} - whisper to a user`

const WRONG_NAME = 'Name must be 2 - 20 alphanumeric chars'
const NOTHING_TO_SAY = 'Nothing to say, try /help'
const LF = 0x0a

export interface ChatOptions extends FloodLimits {
  /** C2.1: decides the order of the names. */
  readonly seed: number
  /** C3.5: how many of a room's latest lines a new member is shown; 0 is none. */
  readonly historyLines: number
  /** C6.2: how long a member may send nothing; 0 is for ever. */
  readonly idleMs: number
  /** Hears who comes to a room, leaves it, and is renamed; never what is said. Default: nobody. */
  readonly log?: Log | undefined
}

export type Log = (what: 'joined' | 'left' | 'renamed', fields: Readonly<Record<string, string | number>>) => void

/** The limits among the options. */
export const OPTION_NAMES = ['historyLines', 'floodLinesMax', 'floodLinesPerSecond', 'idleMs'] as const

/** Smallest and largest value of each. */
export const RANGES: Readonly<Record<(typeof OPTION_NAMES)[number], readonly [min: number, max: number]>> = {
  historyLines: [0, 1000],
  floodLinesMax: [1, 2 ** 31 - 1],
  floodLinesPerSecond: [0, 2 ** 31 - 1],
  idleMs: [0, 2 ** 31 - 1],
}

export const DEFAULT_OPTIONS: Omit<ChatOptions, 'seed' | 'log'> = {
  historyLines: 10,
  floodLinesMax: 60,
  floodLinesPerSecond: 20,
  idleMs: 60 * 60 * 1000,
}

export class Chat implements Protocol {
  readonly #options: ChatOptions
  readonly #newNames: NameSequence
  readonly #members = new Map<ClientId, Member>()
  readonly #byName = new Map<string, Member>()
  readonly #rooms = new Rooms()
  /** When each member will have been idle for too long: the earliest first, since all may be idle equally long. */
  readonly #deadlines = new Map<ClientId, number>()
  /** Where a line is put together. */
  readonly #line = new Uint8Array(2 * LINE_BYTES_MAX)
  #stopping = false
  #linesSaid = 0
  #linesMissed = 0

  /** Throws RangeError: names the option, the value that it had and those that it may have. */
  constructor(options: ChatOptions) {
    for (const name of OPTION_NAMES) {
      const [min, max] = RANGES[name]
      const value = options[name]
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new RangeError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`)
      }
    }
    this.#options = options
    this.#newNames = new NameSequence(options.seed)
  }

  connected(id: ClientId, out: Outbox, role: Role): void {
    const member = new Member(id, role, this.#freeName(), this.#rooms.named(MAIN), this.#options, out.now)
    this.#members.set(id, member)
    this.#byName.set(member.name, member)
    out.give(id, encodeLine(`${HELP}\nYou are ${member.name}`))
    this.#enter(member, member.room, out)
    this.#heardFrom(member, out)
  }

  received(id: ClientId, chunk: Uint8Array, out: Outbox): void {
    const member = this.#members.get(id)
    if (!member) return // It has quit: what it still sends is no line (C4.4).
    this.#heardFrom(member, out)
    member.reader.feed(chunk)
    for (let input = member.reader.next(); input; input = member.reader.next()) {
      this.#take(member, input, out)
      if (member.gone) return
    }
  }

  disconnected(id: ClientId, out: Outbox): void {
    const member = this.#members.get(id)
    if (member) this.#remove(member, out)
  }

  heldBytes(id: ClientId): number {
    return this.#members.get(id)?.reader.heldBytes ?? 0
  }

  /** C5.2. A member that lagged has room again. */
  drained(id: ClientId, out: Outbox): void {
    const member = this.#members.get(id)
    if (!member) return
    const missed = member.missed + out.missed(id)
    member.missed = 0
    if (missed === 0) return
    this.#linesMissed += missed
    out.give(id, encodeLine(gapNotice(missed)))
  }

  /** C6.2. */
  woken(out: Outbox): void {
    for (const [id, deadline] of this.#deadlines) {
      if (deadline > out.now) return out.wakeAt(deadline)
      const member = this.#members.get(id)!
      out.send(id, encodeLine(`You have sent nothing for ${this.#options.idleMs / 1000} seconds, bye!`))
      this.#end(member, 'idle', out)
    }
  }

  /** C6.3. Whoever leaves from now on leaves because of it: nobody is told. */
  stopping(out: Outbox): void {
    this.#stopping = true
    const farewell = encodeLine('Server is shutting down, bye!')
    for (const id of this.#members.keys()) out.send(id, farewell)
  }

  /** How many members there are, by their roles. */
  get members(): Readonly<Record<Role, number>> {
    const counts: Record<Role, number> = {}
    for (const { role } of this.#members.values()) counts[role] = (counts[role] ?? 0) + 1
    return counts
  }

  get rooms(): number {
    return this.#rooms.count
  }

  /** Said to a room so far, each counted once. */
  get linesSaid(): number {
    return this.#linesSaid
  }

  /** Told to members as missed so far. */
  get linesMissed(): number {
    return this.#linesMissed
  }

  #take(member: Member, input: Input, out: Outbox): void {
    switch (input.kind) {
      case 'line':
        return this.#takeLine(member, input, out)
      case 'too-long':
        if (this.#mayGoOn(member, out)) this.#reply(member, `Messages can only be ${LINE_BYTES_MAX} chars long`, out)
        return
      case 'interrupt':
      case 'invalid-utf8':
        return this.#end(member, input.kind, out)
    }
  }

  #takeLine(member: Member, line: Line, out: Outbox): void {
    if (isQuit(line)) return this.#end(member, 'quit', out) // However fast it came (C6.1).
    if (!this.#mayGoOn(member, out)) return
    if (!isCommand(line)) return this.#say(member, line, out)
    const command = commandOf(line)
    switch (command.kind) {
      case 'quit':
        return this.#end(member, 'quit', out)
      case 'me':
        return this.#act(member, command.action, out)
      case 'msg':
        return this.#whisper(member, command.to, command.text, out)
      case 'name':
        return this.#rename(member, command.name, out)
      case 'join':
        return this.#join(member, command.room, out)
      case 'rooms':
        return this.#reply(member, this.#rooms.list(), out)
      case 'users':
        return this.#reply(member, member.room.users(), out)
      case 'help':
        return this.#reply(member, HELP + MORE_HELP, out)
      case 'unknown':
        return this.#reply(member, `Unrecognized command ${command.word}, try /help`, out)
    }
  }

  /** C6.1. */
  #mayGoOn(member: Member, out: Outbox): boolean {
    const verdict = member.flood.take(out.now)
    switch (verdict.kind) {
      case 'accepted':
        return true
      case 'forgiven':
        this.#reply(member, `${verdict.dropped} of your lines were dropped`, out)
        return true
      case 'flooding':
        this.#reply(member, 'You are too fast: your lines are dropped until you pause', out)
        return false
      case 'dropped':
        return false
    }
  }

  /** C3.3. The way that nearly all lines take: from bytes to bytes. */
  #say(member: Member, { bytes, start, end: textEnd }: Line, out: Outbox): void {
    const { prefix } = member
    const end = prefix.length + textEnd - start
    this.#line.set(prefix)
    this.#line.set(bytes.subarray(start, textEnd), prefix.length)
    this.#line[end] = LF
    this.#publish(member.room, this.#line.subarray(0, end + 1), out)
  }

  /** C4.5. */
  #act(member: Member, action: string, out: Outbox): void {
    if (action === '') return this.#reply(member, NOTHING_TO_SAY, out)
    this.#publish(member.room, encodeLine(`* ${member.name} ${action}`), out)
  }

  /** C4.6. */
  #whisper(member: Member, to: string | undefined, text: string, out: Outbox): void {
    if (to === undefined) return this.#reply(member, WRONG_NAME, out)
    if (text === '') return this.#reply(member, NOTHING_TO_SAY, out)
    const listener = this.#byName.get(to)
    if (!listener) return this.#reply(member, `${to} is not connected`, out)
    const heard = out.offer(listener.id, encodeLine(`${member.name} whispers: ${text}`))
    this.#reply(member, heard ? `You whisper to ${to}: ${text}` : `${to} is lagging and missed your whisper`, out)
  }

  /** C2.3. The old name is free in the step in which the new one is taken. */
  #rename(member: Member, name: string | undefined, out: Outbox): void {
    if (name === undefined) return this.#reply(member, WRONG_NAME, out)
    if (this.#byName.has(name)) return this.#reply(member, `${name} is already taken`, out)
    const line = encodeLine(`${member.name} is now ${name}`)
    this.#byName.delete(member.name)
    this.#byName.set(name, member)
    this.#options.log?.('renamed', { client: member.id, from: member.name, name })
    member.name = name
    this.#tell(member.room, line, out)
  }

  /** C3.4. */
  #join(member: Member, name: string | undefined, out: Outbox): void {
    if (name === undefined) return this.#reply(member, 'Room must be 2 - 20 alphanumeric chars', out)
    if (name === member.room.name) return this.#reply(member, `You are in ${name}`, out)
    this.#leave(member, out)
    this.#enter(member, this.#rooms.named(name), out)
  }

  #enter(member: Member, room: Room, out: Outbox): void {
    this.#tell(room, encodeLine(`${member.name} joined`), out)
    room.add(member)
    member.room = room
    this.#options.log?.('joined', { client: member.id, name: member.name, room: room.name, role: member.role })
    this.#reply(member, `You joined ${room.name}`, out)
    for (const line of room.history) out.offer(member.id, line)
  }

  #leave(member: Member, out: Outbox): void {
    const { room } = member
    room.remove(member.id)
    this.#rooms.forgetIfEmpty(room)
    this.#options.log?.('left', { client: member.id, name: member.name, room: room.name })
    if (!this.#stopping) this.#tell(room, encodeLine(`${member.name} left`), out)
  }

  /** Ends a connection. Its name is free at once, and not only when the other end has closed too. */
  #end(member: Member, why: string, out: Outbox): void {
    this.#remove(member, out)
    out.close(member.id, why)
  }

  #remove(member: Member, out: Outbox): void {
    member.gone = true
    this.#members.delete(member.id)
    this.#byName.delete(member.name)
    this.#deadlines.delete(member.id)
    this.#leave(member, out)
  }

  /** Tells a room what one of its members says or does. */
  #publish(room: Room, line: Uint8Array, out: Outbox): void {
    this.#linesSaid++
    this.#tell(room, line, out)
    room.remember(line, this.#options.historyLines)
  }

  /** To everybody who is in the room now (C5.1). */
  #tell(room: Room, line: Uint8Array, out: Outbox): void {
    if (room.size > 0) out.offerAll(room, line)
  }

  /** An answer to one member. If it has missed something and has room again, it is told so first (C5.2). */
  #reply(member: Member, line: string, out: Outbox): void {
    member.missed += out.missed(member.id)
    const gap = member.missed === 0 ? '' : `${gapNotice(member.missed)}\n`
    if (!out.offer(member.id, encodeLine(gap + line))) return
    this.#linesMissed += member.missed
    member.missed = 0
  }

  #freeName(): string {
    let name = this.#newNames.next()
    while (this.#byName.has(name)) name = this.#newNames.next()
    return name
  }

  #heardFrom({ id }: Member, out: Outbox): void {
    const { idleMs } = this.#options
    if (idleMs === 0) return
    if (this.#deadlines.size === 0) out.wakeAt(out.now + idleMs)
    this.#deadlines.delete(id) // So that it is entered behind the others again.
    this.#deadlines.set(id, out.now + idleMs)
  }
}

function gapNotice(missed: number): string {
  return `Server is very busy and dropped ${missed} messages, sorry!`
}
