import type { WaitForGraph } from '@switchyard/core'
import type { Account, Accounts } from './model.ts'

/**
 * A deadlock can close outside of the server: whoever is not served waits for a client to send, and that client waits for
 * what it would be sent. In words; empty when there is no such ring.
 */
export function ringThrough({ index, id, sentTo }: Account, ledger: Accounts, waits: WaitForGraph): string {
  if (id === undefined) return ''
  const last = waits.chainOf({ kind: 'client', id }).at(-1)?.what
  if (last?.kind !== 'input') return ''
  const silent = ledger.accounts.find((account) => account.id === last.client)
  if (!silent || silent.index === index || !sentTo[silent.index]) return ''
  return `; and the ring closes outside of the server: client ${silent.index} waits for what client ${index} has sent to it`
}
