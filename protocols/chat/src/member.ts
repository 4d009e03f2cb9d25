import type { ClientId, Role } from '@switchyard/core'
import { FloodLimit } from './flood-limit.ts'
import type { FloodLimits } from './flood-limit.ts'
import { LineReader } from './line-reader.ts'
import type { Room } from './rooms.ts'

/** C1.3. */
export const LINE_BYTES_MAX = 400

const encoder = new TextEncoder()

/** Somebody who is connected and has not quit. */
export class Member {
  readonly id: ClientId
  readonly role: Role
  readonly reader: LineReader = new LineReader(LINE_BYTES_MAX)
  readonly flood: FloodLimit
  room: Room
  /** Refused lines that it has not been told of (C5.2), beside those that the outbox counts. */
  missed = 0
  /** It has quit or was closed: nothing more of it counts. */
  gone = false
  #name: string
  /** What stands before each line that it says. */
  #prefix: Uint8Array

  constructor(id: ClientId, role: Role, name: string, room: Room, limits: FloodLimits, now: number) {
    this.id = id
    this.role = role
    this.room = room
    this.flood = new FloodLimit(limits, now)
    this.#name = name
    this.#prefix = encoder.encode(`${name}: `)
  }

  get name(): string {
    return this.#name
  }

  set name(name: string) {
    this.#name = name
    this.#prefix = encoder.encode(`${name}: `)
  }

  get prefix(): Uint8Array {
    return this.#prefix
  }
}
