import type { ClientId, Outbox, Protocol } from '@switchyard/core'

const RINGS = 3
/** From one ring to the next, ms. */
export const RING_MS = 100
const ASCII_0 = 0x30
const [HELLO, DRAINED, GOODBYE] = [Uint8Array.of(0x68), Uint8Array.of(0x64), Uint8Array.of(0x62)]
/** What an offer brings: beyond two of them, a client that has read none is owed more than it may be (1 MiB in all). */
const PIECE = new Uint8Array(256 * 1024)

/**
 * A bell: the smallest protocol with steps that belong to no client's chunk. It rings three times for whoever is there, then
 * closes. No server needs it; it shows that a pattern takes every step that the contract has.
 *
 * Wire       `h` as a greeting; `1`, `2`, `3` each 100 ms, and then FIN; `d` when nothing is queued for whoever sent `q`; `b` at a
 *            shutdown. `o` offers 256 KiB to the client that came before, and tells how many offers that one has missed.
 */
export class Bell implements Protocol {
  readonly #clients = new Set<ClientId>()
  #rung = 0

  connected(client: ClientId, out: Outbox): void {
    if (this.#clients.size === 0) out.wakeAt(out.now + RING_MS)
    this.#clients.add(client)
    out.send(client, HELLO)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const offers = chunk.filter((byte) => byte === 0x6f).length
    for (let i = 0; i < offers; i++) out.offer(client - 1, PIECE)
    if (offers > 0) out.send(client, Uint8Array.of(ASCII_0 + out.missed(client - 1)))
    if (chunk.includes(0x71)) out.whenQueued(client, 0)
  }

  drained(client: ClientId, out: Outbox): void {
    out.send(client, DRAINED)
  }

  woken(out: Outbox): void {
    this.#rung++
    for (const client of this.#clients) out.send(client, Uint8Array.of(ASCII_0 + this.#rung))
    if (this.#rung < RINGS) out.wakeAt(out.now + RING_MS)
    else this.#end(out)
  }

  /** Whoever comes from now on sets the bell going again, though those it has closed may still be on their way out. */
  #end(out: Outbox): void {
    for (const client of this.#clients) out.close(client, 'the bell has rung')
    this.#clients.clear()
    this.#rung = 0
  }

  stopping(out: Outbox): void {
    for (const client of this.#clients) out.send(client, GOODBYE)
  }

  disconnected(client: ClientId): void {
    this.#clients.delete(client)
  }

  heldBytes(): number {
    return 0
  }
}
