import type { RunView, Violation } from '@switchyard/sim'
import type { Invariant, Model } from './model.ts'

/**
 * Waiting is visible: where nothing is left to happen, whoever is not read from stands in the wait-for graph, a lock that
 * somebody waits for has a holder there, and a server in which nobody waits says so.
 */
export class Explained implements Invariant {
  rest({ ledger }: Model, run: RunView): Violation | undefined {
    const { clients, server, shutdown } = run
    if (shutdown !== 'no') return undefined
    const edges = server.waits.edges()
    for (const { index, id, state, cutOff, closed } of ledger.accounts) {
      const { link } = clients[index]!
      const unread = link.unread().length
      if (unread === 0 || link.arrival !== 'none' || link.gone || state !== 'joined' || cutOff || closed) continue
      if (edges.some(({ who }) => who.kind === 'client' && who.id === id)) continue
      return { clause: 'waits', message: `${unread} bytes of client ${index} are not read, and nobody says why` }
    }
    if (edges.some(({ what }) => what.kind === 'lock' && !what.holder())) {
      return { clause: 'waits', message: `somebody waits for a lock that nobody holds: ${run.outcome().waits}` }
    }
    const stands = clients.some(({ link }) => !link.gone && (link.pending > 0 || link.unread().length > 0))
    if (stands || edges.length === 0) return undefined
    return { clause: 'waits', message: `nothing is under way, and somebody waits: ${run.outcome().waits}` }
  }
}
