import type { ClientId, Group } from '@switchyard/core'
import type { Member } from './member.ts'

/** Where everybody comes in (C3.1). */
export const MAIN = 'main'

/** Marks what was said before somebody joined: `Earlier - BlueOtter: hello`. */
const EARLIER = new TextEncoder().encode('Earlier - ')

/** Who is in it, and what was said there last. It exists for as long as somebody is in it (C3.2). */
export class Room implements Group {
  readonly name: string
  /** What was said last, the oldest first: lines as a new member is shown them (C3.5). */
  readonly history: Uint8Array[] = []
  readonly #members = new Map<ClientId, Member>()
  #version = 0

  constructor(name: string) {
    this.name = name
  }

  [Symbol.iterator](): Iterator<ClientId> {
    return this.#members.keys()
  }

  get size(): number {
    return this.#members.size
  }

  get version(): number {
    return this.#version
  }

  add(member: Member): void {
    this.#members.set(member.id, member)
    this.#version++
  }

  remove(id: ClientId): void {
    this.#members.delete(id)
    this.#version++
  }

  /** Copies `line` to the end of the history, which has at most `linesMax` lines. */
  remember(line: Uint8Array, linesMax: number): void {
    if (linesMax === 0) return
    if (this.history.length === linesMax) this.history.shift()
    const earlier = new Uint8Array(EARLIER.length + line.length)
    earlier.set(EARLIER)
    earlier.set(line, EARLIER.length)
    this.history.push(earlier)
  }

  /** C4.3. */
  users(): string {
    return `Users - ${Array.from(this.#members.values(), ({ name }) => name)
      .sort()
      .join(', ')}`
  }
}

export class Rooms {
  readonly #rooms = new Map<string, Room>()

  /** The room of that name; a new and empty one if there is none, which the caller enters in the same step. */
  named(name: string): Room {
    const existing = this.#rooms.get(name)
    if (existing) return existing
    const room = new Room(name)
    this.#rooms.set(name, room)
    return room
  }

  /** C3.2. In the same step in which the last one leaves, so that nobody can join a room that is about to go. */
  forgetIfEmpty(room: Room): void {
    if (room.size === 0) this.#rooms.delete(room.name)
  }

  get count(): number {
    return this.#rooms.size
  }

  /** C4.3: by how many are in it, then by name. */
  list(): string {
    const rooms = [...this.#rooms.values()].sort(
      (left, right) => right.size - left.size || (left.name < right.name ? -1 : 1),
    )
    return `Rooms - ${rooms.map(({ name, size }) => `${name} (${size})`).join(', ')}`
  }
}
