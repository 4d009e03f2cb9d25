import type { ClientId } from '@switchyard/core'

/**
 * Why a message for a client of another node did not reach it. `unknown-node`: no node with that number was ever linked. `link-down`: its
 * link is down. `node-left`: it has left in order. `link-lost`: it was sent, and the link broke before it arrived, or before it was known
 * to have. `gone`: it arrived here, and the client is not connected. `too-long`: it arrived here, and is longer than this node allows.
 * `link-id`: the id is a link's, which is no client.
 */
export const LOSS_REASONS = [
  'unknown-node',
  'link-down',
  'node-left',
  'link-lost',
  'gone',
  'too-long',
  'link-id',
] as const
export type LossReason = (typeof LOSS_REASONS)[number]

export type LossCounts = Readonly<Record<LossReason, number>>

/** Destinations of which the books are kept apart; those of the longest ago are added up. */
const DESTINATIONS_MAX = 4096

/** The books of messages that were not delivered: by reason, and for each destination. */
export class Losses {
  readonly #total: Record<LossReason, number> = zeros()
  readonly #by = new Map<ClientId, Record<LossReason, number>>()
  #others = 0

  add(to: ClientId, reason: LossReason, messages: number): void {
    if (messages === 0) return
    this.#total[reason] += messages
    const known = this.#by.get(to)
    if (known) {
      known[reason] += messages
      return
    }
    const counts = zeros()
    counts[reason] = messages
    this.#by.set(to, counts)
    if (this.#by.size > DESTINATIONS_MAX) this.#forgetOldest()
  }

  #forgetOldest(): void {
    for (const [to, counts] of this.#by) {
      for (const reason of LOSS_REASONS) this.#others += counts[reason]
      this.#by.delete(to)
      return
    }
  }

  get total(): LossCounts {
    return { ...this.#total }
  }

  /** `others`: messages for destinations that the books no longer keep apart. */
  get byDestination(): { readonly of: ReadonlyMap<ClientId, LossCounts>; readonly others: number } {
    return { of: this.#by, others: this.#others }
  }
}

function zeros(): Record<LossReason, number> {
  return {
    'unknown-node': 0,
    'link-down': 0,
    'node-left': 0,
    'link-lost': 0,
    gone: 0,
    'too-long': 0,
    'link-id': 0,
  }
}
