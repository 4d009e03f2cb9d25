import type { Direction } from './network.ts'

/** Bits of each client, in this order: to the server, to the client, whether it reads, what it has learnt, looked at that. */
const BITS = 5
const TO_SERVER = 2
const TO_CLIENT = 4
const READING = 8
const LEARNT = 16
const LOOKED = 32
/** Clients whose bits, and the server's, fit into the 31 bits of one number. */
export const FOOTPRINT_CLIENTS_MAX = 6

/**
 * What one event touched: the server; and for each client the direction to the server, the direction to the client, whether
 * it reads, and what it knows. Recorded while the event happens, not declared beforehand: a write from deep inside of a
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
    this.#bits |= (direction === 'to-server' ? TO_SERVER : TO_CLIENT) << (client * BITS)
  }

  /** Whether the client reads was changed or made use of. */
  reading(client: number): void {
    this.#bits |= READING << (client * BITS)
  }

  /** Both directions of the client's connection, and whether it reads. */
  connection(client: number): void {
    this.#bits |= (TO_SERVER | TO_CLIENT | READING) << (client * BITS)
  }

  /** The client knows something new. */
  learnt(client: number): void {
    this.#bits |= LEARNT << (client * BITS)
  }

  /** What the client knows was made use of. */
  looked(client: number): void {
    this.#bits |= LOOKED << (client * BITS)
  }
}

/** One bit of each client. */
function everybodys(bit: number): number {
  return Array.from({ length: FOOTPRINT_CLIENTS_MAX }, (_, client) => bit << (client * BITS)).reduce((a, b) => a | b)
}

const ALL_LOOKED = everybodys(LOOKED)

/** Whether two events touched the same part. To look at what a client knows, and again, changes nothing: only learning does. */
export function dependent(a: number, b: number): boolean {
  return (a & b & ~ALL_LOOKED) !== 0 || (((a & ALL_LOOKED) >> 1) & b) !== 0 || (((b & ALL_LOOKED) >> 1) & a) !== 0
}
