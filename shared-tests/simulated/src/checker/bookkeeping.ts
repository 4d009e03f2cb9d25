import type { AbortReason, StatisticsSnapshot } from '@switchyard/core'
import type { RunView, Violation } from '@switchyard/sim'
import type { Endings } from './endings.ts'
import type { Accounts } from './model.ts'

/** The clauses that demand that a reason is recorded. At the end of a shutdown several reasons may hold at one moment. */
const CLAUSE_OF: Readonly<Partial<Record<AbortReason, string>>> = {
  'message-too-long': 'R5.1',
  'write-deadline': 'R5.3',
  'held-bytes': 'R5.6',
}

/** When everything is over: whether the server's statistics say what happened, and nothing is held any more. */
export function judgeStatistics(run: RunView, ledger: Accounts, endings: Endings): Violation | undefined {
  const statistics = run.server.statistics()
  return (
    judgeCounts(statistics, run) ??
    judgeHeld(statistics) ??
    judgeCloses(statistics, ledger, endings) ??
    judgeDrops(statistics, ledger, endings)
  )
}

/** Each connection that was accepted stands or was closed, and is counted once. */
function judgeCounts(
  { closes, connections, lastCloses }: StatisticsSnapshot,
  { clients }: RunView,
): Violation | undefined {
  const standing = clients.filter(({ connected, link }) => connected && !link.gone).length
  const closed = Object.values(closes).reduce((sum, count) => sum + count, 0)
  const ids = new Set(lastCloses.map(({ client }) => client)).size
  const { open, accepted } = connections
  if (open === standing && closed + standing === accepted && ids === closed) return undefined
  const counted = `${accepted} accepted, ${open} open, and ${closed} closes of ${ids} clients are counted`
  return { clause: 'R4.2', message: `${standing} connections stand; ${counted}` }
}

/** Only unfinished messages of those who stay. */
function judgeHeld({ connections, held }: StatisticsSnapshot): Violation | undefined {
  if (held.total === (connections.open > 0 ? held.input : 0)) return undefined
  return { clause: 'R5.4', message: `everything is over, and the server still holds bytes: ${JSON.stringify(held)}` }
}

/** Each end has its reason; and what was read of a client that was not cut off has been handled. */
function judgeCloses({ lastCloses }: StatisticsSnapshot, ledger: Accounts, endings: Endings): Violation | undefined {
  for (const { client, bytesIn, reason } of lastCloses) {
    const account = ledger.accounts.find(({ id }) => id === client)
    if (!account || account.reset) continue
    const aborted = endings.reasonOf(account.index)
    const clause = aborted && aborted !== reason ? CLAUSE_OF[aborted] : undefined
    if (clause) {
      return { clause, message: `client ${account.index} was ended for "${aborted}", and "${reason}" is recorded` }
    }
    if (aborted || account.closed || bytesIn === account.processed) continue
    const message = `${bytesIn} bytes were read of client ${account.index}, and ${account.processed} of them handled`
    return { clause: account.fin === 'no' ? 'R4.3' : 'R4.1', message }
  }
  return undefined
}

/** Exact where nobody was cut off: whoever was may have been gone before its last step. */
function judgeDrops(
  { drops }: StatisticsSnapshot,
  { accounts, dropped }: Accounts,
  endings: Endings,
): Violation | undefined {
  if (accounts.some(({ index, reset }) => reset || endings.reasonOf(index))) return undefined
  const { sends } = drops['not-connected']
  if (sends === dropped) return undefined
  return { clause: 'R3.7', message: `${dropped} messages were for nobody, and ${sends} are counted as dropped` }
}
