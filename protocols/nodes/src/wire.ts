/** The frames of a link (N2): `[kind 1][count 3][length 4][payload]`, numbers with the most significant byte first. */
import type { ClientId } from '@switchyard/core'

export const HEADER_BYTES = 8
/** `count` has three bytes. */
export const COUNT_MAX: number = 2 ** 24 - 1
/** The id in front of a data frame's messages. */
export const TO_BYTES = 4
export const SECRET_BYTES = 32
const VERSION = 1
const HELLO_BYTES = 1 + 1 + 8 + 4 + 4 + SECRET_BYTES
const GRANT_BYTES = 8
const RECEIVED_BYTES = 12
/** Grants of one frame. */
export const GRANTS_MAX = 4096

/**
 * `hello` is the first frame of each end. `data`: `count` whole messages for one client. `grant`: bytes of a window that are given
 * back. `received`: how many messages have come. `leave`: this node goes, and sends nothing more once it has the answer, `left`.
 */
export const KINDS = ['hello', 'data', 'grant', 'received', 'leave', 'left'] as const
export type Kind = (typeof KINDS)[number]

export interface Hello {
  readonly node: number
  readonly epoch: number
  /** Names the link in `received`; the sender never uses it again in its epoch. */
  readonly serial: ClientId
  /** Bytes that may be on the way to each of the sender's clients. */
  readonly windowBytes: number
  readonly secret: Uint8Array
}

export interface Grant {
  readonly client: ClientId
  readonly bytes: number
}

export interface ReceivedCount {
  /** Of the link, as its sender named it. */
  readonly serial: ClientId
  readonly messages: number
}

export interface Header {
  readonly kind: Kind
  readonly count: number
  readonly length: number
}

/** The header at `bytes[at...]`, all of which must be there; undefined for a kind that there is not. */
export function headerAt(bytes: Uint8Array, at: number): Header | undefined {
  const view = viewOf(bytes)
  const kind = KINDS[view.getUint8(at) - 1]
  return kind && { kind, count: view.getUint32(at) & COUNT_MAX, length: view.getUint32(at + 4) }
}

/** The longest payload of a kind; of data it depends on the longest message. */
export function payloadBytesMax(kind: Exclude<Kind, 'data'>): number {
  switch (kind) {
    case 'hello':
      return HELLO_BYTES
    case 'grant':
      return GRANTS_MAX * GRANT_BYTES
    case 'received':
      return RECEIVED_BYTES
    case 'leave':
    case 'left':
      return 0
  }
}

/** What stands in front of `bytes` bytes for a client, written into `head`, which has room for it. */
export function writeDataHead(head: DataView, to: ClientId, messages: number, bytes: number): void {
  head.setUint32(0, (KINDS.indexOf('data') + 1) * 2 ** 24 + messages)
  head.setUint32(4, TO_BYTES + bytes)
  head.setUint32(HEADER_BYTES, to)
}

export function readTo(payload: Uint8Array): ClientId {
  return viewOf(payload).getUint32(0)
}

export function helloFrame({ node, epoch, serial, windowBytes, secret }: Hello): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + HELLO_BYTES)
  const view = writeHeader(frame, 'hello', 0, HELLO_BYTES)
  view.setUint8(HEADER_BYTES, VERSION)
  view.setUint8(HEADER_BYTES + 1, node)
  view.setBigUint64(HEADER_BYTES + 2, BigInt(epoch))
  view.setUint32(HEADER_BYTES + 10, serial)
  view.setUint32(HEADER_BYTES + 14, windowBytes)
  frame.set(secret, HEADER_BYTES + 18)
  return frame
}

/** Undefined for what is no hello of this version. */
export function readHello(payload: Uint8Array): Hello | undefined {
  if (payload.length !== HELLO_BYTES || payload[0] !== VERSION) return undefined
  const view = viewOf(payload)
  return {
    node: view.getUint8(1),
    epoch: Number(view.getBigUint64(2)),
    serial: view.getUint32(10),
    windowBytes: view.getUint32(14),
    secret: payload.slice(18),
  }
}

/** At most `GRANTS_MAX`. */
export function grantFrame(grants: readonly Grant[]): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + grants.length * GRANT_BYTES)
  const view = writeHeader(frame, 'grant', grants.length, grants.length * GRANT_BYTES)
  for (const [index, { client, bytes }] of grants.entries()) {
    view.setUint32(HEADER_BYTES + index * GRANT_BYTES, client)
    view.setUint32(HEADER_BYTES + index * GRANT_BYTES + 4, bytes)
  }
  return frame
}

export function readGrants(payload: Uint8Array): readonly Grant[] {
  const view = viewOf(payload)
  return Array.from({ length: Math.floor(payload.length / GRANT_BYTES) }, (_, index) => ({
    client: view.getUint32(index * GRANT_BYTES),
    bytes: view.getUint32(index * GRANT_BYTES + 4),
  }))
}

export function receivedFrame({ serial, messages }: ReceivedCount): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + RECEIVED_BYTES)
  const view = writeHeader(frame, 'received', 0, RECEIVED_BYTES)
  view.setUint32(HEADER_BYTES, serial)
  view.setBigUint64(HEADER_BYTES + 4, BigInt(messages))
  return frame
}

/** Undefined if it is cut. */
export function readReceived(payload: Uint8Array): ReceivedCount | undefined {
  if (payload.length !== RECEIVED_BYTES) return undefined
  const view = viewOf(payload)
  return { serial: view.getUint32(0), messages: Number(view.getBigUint64(4)) }
}

export function emptyFrame(kind: 'leave' | 'left'): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES)
  writeHeader(frame, kind, 0, 0)
  return frame
}

function writeHeader(frame: Uint8Array, kind: Kind, count: number, length: number): DataView {
  const view = viewOf(frame)
  view.setUint32(0, (KINDS.indexOf(kind) + 1) * 2 ** 24 + count)
  view.setUint32(4, length)
  return view
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
