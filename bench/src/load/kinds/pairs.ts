import type { Client } from '@switchyard/harness'

/** One sender, one receiver, and the byte that fills the bodies of their messages. */
export interface Pair {
  readonly sender: Client
  readonly receiver: Client
  readonly fill: number
}

/** Two and two, in order. */
export function pairsOf(clients: readonly Client[]): Pair[] {
  const pairs: Pair[] = []
  for (let i = 0; i + 1 < clients.length; i += 2) {
    // Neighbours have different bytes in their bodies, so that a message to a stranger is found out. 0 would be a NUL.
    pairs.push({ sender: clients[i]!, receiver: clients[i + 1]!, fill: 1 + (pairs.length % 255) })
  }
  return pairs
}
