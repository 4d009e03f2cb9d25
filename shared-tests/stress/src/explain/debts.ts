import type { ClientId } from '@switchyard/core'

/** Messages that one client sent to another and that have not come. */
export interface Debt {
  readonly to: ClientId
  readonly from: ClientId
  readonly messages: number
  /** When the first of them was sent, ms. */
  readonly sinceMs: number
}

/**
 * What the clients of a server have sent each other and not received. It needs no look into the server: between one sender
 * and one destination messages come in order (R3.2), so counting them is enough to know which of them is owed.
 */
export class Debts {
  readonly #accounts = new Map<ClientId, Map<ClientId, Account>>()
  #received = 0

  /** So many messages were taken by the sender's own machine. They may have been received by then. */
  sent(from: ClientId, to: ClientId, atMs: number, messages = 1): void {
    const account = this.#account(to, from)
    for (let i = 0; i < messages; i++) account.sentAtMs.push(atMs)
  }

  received(from: ClientId, to: ClientId): void {
    this.#account(to, from).received++
    this.#received++
  }

  /** A connection has ended: what was for it and what was of it is owed to nobody any more. */
  forgive(client: ClientId): void {
    this.#accounts.delete(client)
    for (const senders of this.#accounts.values()) senders.delete(client)
  }

  /** How many messages have been received, in all. */
  get paid(): number {
    return this.#received
  }

  /** Those that stand, the first of which was sent by `untilMs`, by destination and sender in the order in which they were first met. */
  standing(untilMs: number = Number.POSITIVE_INFINITY): readonly Debt[] {
    const debts: Debt[] = []
    for (const [to, senders] of this.#accounts) {
      for (const [from, { sentAtMs, received }] of senders) {
        const messages = sentAtMs.length - received
        const sinceMs = sentAtMs[received]
        if (messages > 0 && sinceMs !== undefined && sinceMs <= untilMs) debts.push({ to, from, messages, sinceMs })
      }
    }
    return debts
  }

  #account(to: ClientId, from: ClientId): Account {
    const senders = this.#accounts.get(to) ?? new Map<ClientId, Account>()
    this.#accounts.set(to, senders)
    const account = senders.get(from) ?? { sentAtMs: [], received: 0 }
    senders.set(from, account)
    return account
  }
}

interface Account {
  readonly sentAtMs: number[]
  received: number
}
