import type { AbortReason, ClientId, Outbox, Protocol } from '@switchyard/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { StrictOutbox } from '../../test/outbox.ts'

/** A test of one clause of docs/protocol.md, named by its id and its words. */
export function clause(id: string, quote: string, what: string, run: () => void): void {
  test(`${id} "${quote}": ${what}`, run)
}

/** What a protocol decided, in order. */
type Decision =
  | { readonly kind: 'message'; readonly to: ClientId; readonly bytes: Uint8Array }
  | { readonly kind: 'abort'; readonly client: ClientId; readonly reason: AbortReason }

/** Keeps every decision. What was given is kept as it is, not copied: if the protocol touches it again, that shows. */
export class RecordingOutbox extends StrictOutbox {
  override readonly apart = true
  readonly decisions: Decision[] = []
  readonly given: Uint8Array[] = []

  override send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (start < 0 || end > bytes.length || start >= end) throw new RangeError(`[${start}, ${end}) of ${bytes.length}`)
    this.decisions.push({ kind: 'message', to, bytes: Uint8Array.from(bytes.subarray(start, end)) })
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    this.given.push(bytes)
    this.decisions.push({ kind: 'message', to, bytes })
  }

  override abort(client: ClientId, reason: AbortReason): void {
    this.decisions.push({ kind: 'abort', client, reason })
  }

  /** The decisions as text: quick to compare, readable where two differ. */
  get transcript(): string {
    return transcript(this.decisions)
  }
}

export function transcript(decisions: readonly Decision[]): string {
  return decisions.map(line).join('')
}

function line(decision: Decision): string {
  return decision.kind === 'message'
    ? `${decision.to} <- ${hex(decision.bytes)}\n`
    : `abort ${decision.client}: ${decision.reason}\n`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** The router as docs/protocol.md tells it, of all that `client` sent: find the NUL, cut behind it, go on with the rest. */
export function reference(client: ClientId, input: Uint8Array, messageBytesMax: number): Decision[] {
  const decisions: Decision[] = []
  let rest = Uint8Array.from(input)
  for (;;) {
    const id = rest.slice(0, 4)
    const afterId = rest.slice(4)
    const nul = afterId.indexOf(0)
    const bytes = nul === -1 ? afterId : afterId.slice(0, nul + 1)
    const bytesAtLeast = nul === -1 ? bytes.length + 1 : bytes.length
    if (bytesAtLeast > messageBytesMax) return [...decisions, { kind: 'abort', client, reason: 'message-too-long' }]
    if (nul === -1) return decisions
    decisions.push({ kind: 'message', to: new DataView(id.buffer).getUint32(0), bytes })
    rest = afterId.slice(nul + 1)
  }
}

/** Hands over each piece in memory that is used for something else afterwards, as a pattern may. */
export function receive(protocol: Protocol, client: ClientId, out: Outbox, ...pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) {
    const chunk = Uint8Array.from(piece)
    protocol.received(client, chunk, out)
    chunk.fill(0xee)
  }
}

/** A message as R1.3 has it, written down independently of the codec. */
export function message(to: number, body: Uint8Array | string): Uint8Array {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return Uint8Array.from([to / 2 ** 24, to / 2 ** 16, to / 2 ** 8, to, ...bytes, 0])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** `length` bytes without a NUL: all other values in turn, beginning with `first`, from 1 to 255. */
export function bodyOf(length: number, first = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => ((index + first - 1) % 255) + 1)
}

/** `input` in pieces that end at `ends`. */
export function cut(input: Uint8Array, ends: readonly number[]): Uint8Array[] {
  return ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end))
}

/** Where pieces of `bytes` bytes each end; the last may be shorter. */
export function endsEvery(bytes: number, length: number): number[] {
  return Array.from({ length: Math.ceil(length / bytes) }, (_, index) => Math.min((index + 1) * bytes, length))
}

/** Each way to cut `length` bytes into pieces that are not empty, as where they end: 2^(length - 1) of them. */
export function* allEnds(length: number): Generator<number[]> {
  const inner = Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1)
  for (let cuts = 0; cuts < 2 ** inner.length; cuts++) {
    yield [...inner.filter((end) => (cuts & (1 << (end - 1))) !== 0), length]
  }
}

/**
 * Sends `input` from client 1 in pieces that end at `ends`, and expects after each of them what the reference says of
 * all that has come so far: nothing sooner (R3.5), nothing later, nothing else.
 */
export function expectReference(
  protocol: Protocol,
  input: Uint8Array,
  ends: readonly number[],
  referenceAfter: (bytes: number) => string | undefined,
): void {
  const out = new RecordingOutbox()
  let start = 0
  for (const end of ends) {
    receive(protocol, 1, out, input.subarray(start, end))
    start = end
    const expected = referenceAfter(end)
    // `expect` costs more than the router: it is only asked where it has something to say.
    if (out.transcript !== expected) expect(out.transcript, `${hex(input)} cut at ${ends.join(' ')}`).toBe(expected)
  }
}

/** Ids with NULs in every place, and both sides of each byte's edge and of the sign's. */
export const anyId: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, 0xff, 0x100, 0xffff, 0x1_0000, 0xff_ffff, 0x100_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.integer({ min: 0, max: 0xffff_ffff }),
)

/** Two numbers make a body: one made of single bytes would take minutes to shrink. */
export function anyBody(bytesMax: number): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.nat(bytesMax), fc.integer({ min: 1, max: 255 })).map(([length, first]) => bodyOf(length, first))
}

/** Some messages, and the beginning of another. */
export function anyInput(bodyBytesMax: number): fc.Arbitrary<Uint8Array> {
  const anyMessage = fc.tuple(anyId, anyBody(bodyBytesMax)).map(([to, body]) => message(to, body))
  return fc
    .tuple(fc.array(anyMessage, { maxLength: 8 }), anyMessage, fc.nat(bodyBytesMax))
    .map(([whole, last, bytes]) => concat([...whole, last.subarray(0, Math.min(bytes, last.length - 1))]))
}

/** An input and where the pieces that it comes in end; empty pieces among them. */
export function anyCut(inputs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<{ input: Uint8Array; ends: number[] }> {
  // Cuts are drawn without regard to the length, or shrinking the input would throw them away.
  return fc.tuple(inputs, fc.array(fc.nat(), { maxLength: 20, size: 'max' })).map(([input, cuts]) => {
    const inner = cuts.map((at) => at % (input.length + 1)).sort((left, right) => left - right)
    return { input, ends: [...inner, input.length] }
  })
}
