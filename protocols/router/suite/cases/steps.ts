/** Steps that cases of several sections take. */
import type { CaseContext } from '../case.ts'
import type { Client } from '../client/client.ts'
import { message } from '../client/message.ts'
import type { Numbered } from '../client/numbered.ts'

export const KIB: number = 1024
export const MIB: number = 1024 * 1024
/** More than the kernels of a sender, a server and a receiver take in together on loopback (some 4 MB a hop). */
export const STALLING_BYTES: number = 16 * MIB
/** The same as so many messages with bodies of that length: shorter than one read, and of no round number of them. */
export const BODY_BYTES = 60_000
export const STALLING_COUNT: number = Math.floor(STALLING_BYTES / BODY_BYTES)

/** `count` clients, named `a1`, `a2` and so on. */
export async function connectAll(context: CaseContext, name: string, count: number): Promise<Client[]> {
  const clients: Client[] = []
  for (let i = 1; i <= count; i++) clients.push(await context.connect(`${name}${i}`))
  return clients
}

/**
 * Proves that nothing else was on its way: what `from` has caused for `to` before would have come before this message
 * (R3.2). Also a round trip, by the end of which the server has in all likelihood read what was sent to it before.
 */
export async function probe(from: Client, to: Client): Promise<void> {
  const body = `probe from ${from.name} after ${from.bytesSent} bytes`
  await from.sendMessage(to, body)
  await to.expect(body)
}

/** An id that no client of this case has. The server may have given it to nobody, or to a client that has left. */
export function idOfNobody(...clients: readonly Client[]): number {
  const taken = new Set(clients.map((client) => client.id))
  let id = 0x7ffffff0
  while (taken.has(id)) id--
  return id
}

/** Sends `pieces` each in a segment of its own, as far as a sender can bring that about: `between` is awaited in between. */
export async function sendApart(
  client: Client,
  pieces: readonly Uint8Array[],
  between: () => Promise<void>,
): Promise<void> {
  for (const piece of pieces) {
    await client.send(piece)
    await between()
  }
}

/** A body of so many bytes, all the same. */
export function bodyOf(bytes: number, letter = 'x'): Uint8Array {
  return new Uint8Array(bytes).fill(letter.charCodeAt(0))
}

/** Whether a further client is let in. Throws Failed if it is closed in the middle of its id. */
export async function isAdmitted(context: CaseContext, name: string): Promise<boolean> {
  const client = await context.connectSilently(name)
  return client.admitted()
}

/** Message 0 to each receiver, then message 1 to each, and so on: `count` to each, without end by default. */
export function* alternate(
  messages: Numbered,
  receivers: readonly Client[],
  count: number = Number.POSITIVE_INFINITY,
): Generator<Uint8Array> {
  for (let number = 0; number < count; number++) {
    const body = messages.body(number)
    for (const receiver of receivers) yield message(receiver.id, body)
  }
}
