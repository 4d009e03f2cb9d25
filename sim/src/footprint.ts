import type { Direction } from './network.ts'

/** Clients whose parts fit into the 31 bits of one number. */
export const FOOTPRINT_CLIENTS_MAX = 9

/**
 * What one event touched: the server; and of each connection the direction to the server, the direction to the client,
 * and whether its client reads. Recorded while the event happens, not declared beforehand: a write from deep inside of a
 * server's code marks the connection that it goes to.
 */
export class Footprint {
  #bits = 0

  get bits(): number {
    return this.#bits
  }

  clear(): void {
    this.#bits = 0
  }

  /** Code of the server ran. */
  server(): void {
    this.#bits |= 1
  }

  link(client: number, direction: Direction): void {
    this.#bits |= (direction === 'to-server' ? 2 : 4) << (client * 3)
  }

  /** Whether the client reads was changed or made use of. */
  reading(client: number): void {
    this.#bits |= 8 << (client * 3)
  }

  /** All that a client has to do with. */
  client(client: number): void {
    this.#bits |= 14 << (client * 3)
  }
}
