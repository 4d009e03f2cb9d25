import type { Invariant, Model } from '@switchyard/simulated'
import type { RouterLedger } from '@switchyard/protocols/router/simulated'
import type { RunView, Violation } from '@switchyard/sim'

/** G2, seen from outside: at rest, somebody's message to a client that reads is not even looked at, for one that does not. */
export class UnrelatedWait implements Invariant<RouterLedger> {
  static readonly clause = 'G2'

  rest({ ledger }: Model<RouterLedger>, { clients, shutdown }: RunView): Violation | undefined {
    const stalled = clients.filter(({ stalled: stands, link }) => stands && !link.gone).map(({ index }) => index)
    if (stalled.length === 0 || shutdown !== 'no') return undefined
    for (const { index, processed } of ledger.accounts) {
      const next = ledger.messagesOf(index).find(({ end }) => end > processed)
      if (!next || stalled.includes(index) || stalled.includes(next.to)) continue
      return {
        clause: UnrelatedWait.clause,
        message:
          `client ${stalled.join(' and ')} reads nothing, and for that a message of client ${index} to client ${next.to} ` +
          'is not even looked at',
      }
    }
    return undefined
  }
}

/** Not a fault: at rest a sender is held, because what it sends to does not read. */
export class Held implements Invariant {
  static readonly clause = 'held'

  rest(_: Model, { server }: RunView): Violation | undefined {
    const held = server.waits.edges().some(({ who }) => who.kind === 'client')
    return held ? { clause: Held.clause, message: 'a sender is held' } : undefined
  }
}
