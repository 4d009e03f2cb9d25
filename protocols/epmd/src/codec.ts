/** The bytes of requests and answers: sections 1 to 4 of docs/protocols/epmd.md. Nothing of Node's, so that a browser runs the same code. */

/** D1.1: a request's length precedes it. */
export const LENGTH_BYTES = 2
/** D1.2. */
export const REQUEST_BYTES_MAX = 3057

const ALIVE2 = 120
const ALIVE2_RESP = 121
const ALIVE2_X_RESP = 118
const PORT_PLEASE2 = 122
const PORT2_RESP = 119
const NAMES = 110
const DUMP = 100
const KILL = 107
const STOP = 115

const NAME_AT = 11
const NAME_CHARACTERS_MAX = 255
const EXTRA_BYTES_MAX = 1020
/** The first version of nodes that understand a creation of four bytes. */
const LONG_CREATION_VERSION = 6
/** What a refusal has in the place of a creation. */
const REFUSED_CREATION = 99

/** What ALIVE2 says of a node. */
export interface Node {
  readonly name: string
  readonly port: number
  readonly highestVersion: number
  /** All that follows the code: PORT_PLEASE2 gives it back. */
  readonly description: Uint8Array
}

export type Request =
  | { readonly kind: 'alive2'; readonly node: Node }
  /** D2.5: a name or an extra that can't be registered. */
  | { readonly kind: 'alive2-unusable'; readonly highestVersion: number }
  | { readonly kind: 'port-please2' | 'stop'; readonly name: string }
  | { readonly kind: 'names' | 'dump' | 'kill' }

/** Reads a request without its length. Returns undefined for one that is closed without an answer (D1.5). */
export function decodeRequest(request: Uint8Array): Request | undefined {
  const [code = 0] = request
  switch (code) {
    case ALIVE2:
      return decodeAlive2(request)
    case PORT_PLEASE2:
      return decodeNamed('port-please2', request)
    case NAMES:
      return { kind: 'names' }
    case DUMP:
      return { kind: 'dump' }
    case KILL:
      return { kind: 'kill' }
    case STOP:
      return decodeNamed('stop', request)
    default:
      return undefined
  }
}

/** D2.1, D2.5, D2.6. */
function decodeAlive2(request: Uint8Array): Request | undefined {
  const nameEnd = NAME_AT + readUint16(request, NAME_AT - 2)
  const extraBytes = readUint16(request, nameEnd)
  const end = nameEnd + 2 + extraBytes
  const nameBytes = request.subarray(NAME_AT, nameEnd)
  if (end > request.length || nameBytes.length === 0 || nameBytes.includes(0)) return undefined
  const highestVersion = readUint16(request, 5)
  const name = decodeName(nameBytes)
  if (name === undefined || extraBytes > EXTRA_BYTES_MAX) return { kind: 'alive2-unusable', highestVersion }
  const description = request.slice(1, end)
  return { kind: 'alive2', node: { name, port: readUint16(request, 1), highestVersion, description } }
}

/** D3.3. */
function decodeNamed(kind: 'port-please2' | 'stop', request: Uint8Array): Request | undefined {
  const bytes = request.subarray(1, request.at(-1) === 0 ? -1 : request.length)
  if (bytes.length === 0 || bytes.includes(0)) return undefined
  const name = decodeName(bytes)
  return name === undefined ? undefined : { kind, name }
}

/** Returns undefined if it is not UTF-8 or too long. */
function decodeName(bytes: Uint8Array): string | undefined {
  try {
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return Array.from(name).length <= NAME_CHARACTERS_MAX ? name : undefined
  } catch {
    return undefined // Not UTF-8.
  }
}

/** D2.2. Of two creations in a row, the remainders differ too. */
export function aliveAnswer(highestVersion: number, creation: number): Uint8Array {
  return encodeAlive(highestVersion, 0, creation, (creation % 3) + 1)
}

/** D2.4. */
export function aliveRefusal(highestVersion: number): Uint8Array {
  return encodeAlive(highestVersion, 1, REFUSED_CREATION, REFUSED_CREATION)
}

function encodeAlive(highestVersion: number, result: number, creation: number, shortCreation: number): Uint8Array {
  if (highestVersion < LONG_CREATION_VERSION) return Uint8Array.of(ALIVE2_RESP, result, 0, shortCreation)
  return Uint8Array.of(ALIVE2_X_RESP, result, ...uint32(creation))
}

/** D3.1, D3.2. */
export function portAnswer(node: Node | undefined): Uint8Array {
  return node ? Uint8Array.of(PORT2_RESP, 0, ...node.description) : Uint8Array.of(PORT2_RESP, 1)
}

/** D3.4, D3.5: the port of EPMD itself, then a line for each node. */
export function listAnswer(port: number, lines: readonly string[]): Uint8Array {
  const text = new TextEncoder().encode(lines.join(''))
  const answer = new Uint8Array(4 + text.length)
  answer.set(uint32(port))
  answer.set(text, 4)
  return answer
}

/** D4.2. */
export function killAnswer(allowed: boolean): Uint8Array {
  return new TextEncoder().encode(allowed ? 'OK' : 'NO')
}

/** D4.3. */
export function stopAnswer(existed: boolean): Uint8Array {
  return new TextEncoder().encode(existed ? 'STOPPED' : 'NOEXIST')
}

/** Bytes behind the end count as 0. */
export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
}
