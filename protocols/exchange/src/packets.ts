/**
 * SoupBinTCP 3.00: packets of a 16-bit length (big-endian, without itself), a type, and what that type says.
 * Texts are ASCII; names are padded with spaces behind, numbers and sessions in front.
 */

/** What a packet from a client may be long, without its length: a login is 47, a command 50; a debug text has room. */
export const CLIENT_PACKET_BYTES_MAX = 256

const LENGTH_BYTES = 2

export const FROM_CLIENT = { login: 0x4c, data: 0x55, heartbeat: 0x52, logout: 0x4f, debug: 0x2b } as const
export const FROM_SERVER = {
  accepted: 0x41,
  rejected: 0x4a,
  sequenced: 0x53,
  unsequenced: 0x55,
  heartbeat: 0x48,
  endOfSession: 0x5a,
} as const

export const LOGIN_BYTES = 47
export const SESSION_BYTES = 10
export const SEQUENCE_BYTES = 20

export type LoginRefusal = 'not-authorized' | 'no-such-session'

export interface Login {
  readonly name: string
  readonly password: Uint8Array
  /** Empty: the current one. */
  readonly session: string
  /** The next message that the client wants; 0: only new ones. Undefined if it is no number. */
  readonly sequence: number | undefined
}

/** Packets out of chunks that are cut anywhere. Only the beginning of an unfinished packet is kept. */
export class PacketReader {
  #cut: Uint8Array | undefined
  #have = 0

  /** Bytes of an unfinished packet, by capacity. */
  get heldBytes(): number {
    return this.#cut?.length ?? 0
  }

  /**
   * Calls `take` for every packet that is whole now: `bytes[start]` is its type, and it ends before `end`. Stops when `take` returns
   * false. Returns false if a packet is empty or longer than a client may send: nothing behind it can be read.
   */
  read(chunk: Uint8Array, take: (bytes: Uint8Array, start: number, end: number) => boolean): boolean {
    let at = this.#have === 0 ? 0 : this.#complete(chunk)
    if (at < 0) return false
    if (this.#have > 0) {
      const cut = this.#cut
      if (!cut || this.#have < LENGTH_BYTES || this.#have < LENGTH_BYTES + lengthAt(cut, 0)) return true
      this.#have = 0
      this.#cut = undefined
      if (!take(cut, LENGTH_BYTES, LENGTH_BYTES + lengthAt(cut, 0))) return true
    }
    while (at + LENGTH_BYTES <= chunk.length) {
      const length = lengthAt(chunk, at)
      if (!isLength(length)) return false
      const end = at + LENGTH_BYTES + length
      if (end > chunk.length) break
      if (!take(chunk, at + LENGTH_BYTES, end)) return true
      at = end
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at))
    return true
  }

  /** Fills up the packet that was cut. Returns how much of the chunk that took, or -1 if its length is none. */
  #complete(chunk: Uint8Array): number {
    let at = 0
    if (this.#have < LENGTH_BYTES) at = this.#fill(chunk, at, LENGTH_BYTES)
    if (this.#have < LENGTH_BYTES || !this.#cut) return at
    const length = lengthAt(this.#cut, 0)
    return isLength(length) ? this.#fill(chunk, at, LENGTH_BYTES + length) : -1
  }

  #fill(chunk: Uint8Array, from: number, upTo: number): number {
    const to = Math.min(chunk.length, from + upTo - this.#have)
    this.#keep(chunk.subarray(from, to))
    return to
  }

  #keep(bytes: Uint8Array): void {
    this.#cut ??= new Uint8Array(LENGTH_BYTES + CLIENT_PACKET_BYTES_MAX)
    this.#cut.set(bytes, this.#have)
    this.#have += bytes.length
  }
}

/** Undefined if it has another length than a login. */
export function loginOf(bytes: Uint8Array, start: number, end: number): Login | undefined {
  if (end - start !== LOGIN_BYTES) return undefined
  const sequence = ascii(bytes, start + 27, start + 47).trim()
  return {
    name: ascii(bytes, start + 1, start + 7).trimEnd(),
    password: bytes.slice(start + 7, start + 17),
    session: ascii(bytes, start + 17, start + 27).trim(),
    sequence: sequence === '' ? 0 : /^\d{1,15}$/.test(sequence) ? Number(sequence) : undefined,
  }
}

export function encodeLoginAccepted(session: string, sequence: number): Uint8Array {
  return encodePacket(FROM_SERVER.accepted, session.padStart(SESSION_BYTES) + String(sequence).padStart(SEQUENCE_BYTES))
}

export function encodeLoginRejected(why: LoginRefusal): Uint8Array {
  return encodePacket(FROM_SERVER.rejected, why === 'not-authorized' ? 'A' : 'S')
}

/** A packet of a type and a body. */
export function encodePacket(type: number, body: string | Uint8Array = ''): Uint8Array {
  const packet = new Uint8Array(LENGTH_BYTES + 1 + body.length)
  new DataView(packet.buffer).setUint16(0, 1 + body.length)
  packet[LENGTH_BYTES] = type
  if (typeof body === 'string') writeAscii(packet, LENGTH_BYTES + 1, body)
  else packet.set(body, LENGTH_BYTES + 1)
  return packet
}

export function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end))
}

/** Copies `from[start, end)` to `to[at]` and behind. For a message of some ten bytes a loop takes half the time of a view and a call. */
export function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  for (let index = start; index < end; index++) to[at + index - start] = from[index] ?? 0
}

export function writeAscii(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index)
}

/** The length in front of the packet at `at`. */
export function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function isLength(length: number): boolean {
  return length > 0 && length <= CLIENT_PACKET_BYTES_MAX
}
