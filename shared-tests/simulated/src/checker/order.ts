import type { Event, RunView, Violation } from '@switchyard/sim'
import type { Account, Accounts, Delivery, Invariant, Model } from './model.ts'
import { nameOf } from './model.ts'

/**
 * `per-destination`: each client receives messages in the order in which they were decided, whoever sent them. `total`: and no
 * byte of a step is in any kernel before all bytes of the steps before it are, wherever they go.
 */
export type Order = 'per-destination' | 'total'

/** How far a stream has come: so many of the deliveries that are owed, and the offset behind the last of them. */
interface Cursor {
  deliveries: number
  bytes: number
}

/** Whether a pattern delivers in the order that its header declares; a step is one call of the protocol, all that is due at one time, or the last ones of a shutdown. */
export class Ordered implements Invariant {
  readonly #order: Order
  readonly #read: (Cursor & { total: number })[]
  /** In the kernel, read or not. */
  readonly #accepted: Cursor[]

  constructor(order: Order, clients: number) {
    this.#order = order
    this.#read = Array.from({ length: clients }, () => ({ deliveries: 0, bytes: 0, total: 0 }))
    this.#accepted = Array.from({ length: clients }, () => ({ deliveries: 0, bytes: 0 }))
  }

  after(event: Event, { ledger }: Model, run: RunView): Violation | undefined {
    if (event.kind === 'read') return this.#judgeRead(ledger.account(event.client), event.bytes, ledger.openingBytes)
    // What a client does moves nothing of the server's.
    if (event.kind === 'move' || this.#order !== 'total') return undefined
    return this.#judgeSteps(ledger, run)
  }

  #judgeRead({ index, owed }: Account, bytes: Uint8Array, openingBytes: number): Violation | undefined {
    const read = this.#read[index]!
    const from = read.total - openingBytes
    read.total += bytes.length
    const to = from + bytes.length
    for (;;) {
      const expected = owed[read.deliveries]
      if (!expected || to <= read.bytes) return undefined
      const whole = read.bytes + expected.bytes.length
      for (let at = Math.max(from, read.bytes); at < Math.min(whole, to); at++) {
        if (expected.bytes[at - read.bytes] !== bytes[at - from]) return outOfOrder(index, expected)
      }
      if (to < whole) return undefined
      read.bytes = whole
      read.deliveries++
    }
  }

  /** The latest step of which anything was accepted must not be later than the earliest of which something was not. */
  #judgeSteps({ accounts, openingBytes }: Accounts, { clients }: RunView): Violation | undefined {
    let earliest: Delivery | undefined
    let latest: Delivery | undefined
    for (const { index, owed } of accounts) {
      const { link } = clients[index]!
      if (link.end === 'reset') continue
      const cursor = this.#accepted[index]!
      const accepted = this.#read[index]!.total + link.readable - openingBytes
      let next = owed[cursor.deliveries]
      while (next && accepted >= cursor.bytes + next.bytes.length) {
        cursor.bytes += next.bytes.length
        next = owed[++cursor.deliveries]
      }
      const last = next && accepted > cursor.bytes ? next : owed[cursor.deliveries - 1]
      if (next && (!earliest || next.step < earliest.step)) earliest = next
      if (last && (!latest || last.step > latest.step)) latest = last
    }
    if (!earliest || !latest || latest.step <= earliest.step) return undefined
    const message = `${nameOf(latest)} is on its way before all of ${nameOf(earliest)}, which was decided before it`
    return { clause: 'order', message }
  }
}

function outOfOrder(client: number, expected: Delivery): Violation {
  return {
    clause: 'order',
    message: `client ${client} received something else where ${nameOf(expected)} was decided first`,
  }
}
