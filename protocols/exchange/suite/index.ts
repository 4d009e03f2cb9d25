/** The suite of the exchange: the clauses of docs/protocols/exchange.md, and the cases that prove them. Begin with `cases.ts`. */
import type { Suite } from '@switchyard/conformance/portable'
import type { Dialect } from '@switchyard/harness/portable'
import { DEFAULT_LIMITS, Exchange, LIMIT_NAMES, RANGES } from '../src/index.ts'
import type { ExchangeLimits } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CAUSES } from './causes.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'
import { judgedOptions } from './demo.ts'
import { DIALECT } from './dialect.ts'
import { METRICS } from './metrics.ts'
import { PacedJournal } from './paced-journal.ts'
import { SIMULATED_EXCHANGE } from './simulated/index.ts'

export { DEMO, judgedOptions } from './demo.ts'
export { FAULTS } from './faults.ts'
export { cancel, enter, heardIn, login, packet, replace, SYMBOL } from './messages.ts'
export type { Heard } from './messages.ts'

const MEANINGS: Readonly<Record<keyof ExchangeLimits, string>> = {
  heartbeatMs: 'how long a client is sent nothing before it is sent a heartbeat (X2.5)',
  silenceMs: 'how long a client may send nothing (X2.5)',
  loginMs: 'how long a client may take to log in (X2.1)',
  windowBytes: "how much of its account's stream is queued for a client at most",
  streamBytesMax: "memory of the day's streams, behind which only whole orders can be cancelled (X7.1)",
}

export const EXCHANGE: Suite<Client> & { readonly dialect: Dialect } = {
  name: 'exchange',
  specification: 'docs/protocols/exchange.md',
  clauses: CLAUSES,
  cases: CASES,
  causes: CAUSES,
  options: [
    ...LIMIT_NAMES.map((name) => ({
      name,
      meaning: MEANINGS[name],
      default: DEFAULT_LIMITS[name],
      range: RANGES[name],
    })),
    { name: 'dayMs', meaning: 'how long a day is; 0 is for ever (X2.8)', default: 0, range: [0, 2 ** 31 - 1] },
    {
      name: 'loadAccounts',
      meaning: 'so many accounts more for a load, L00001 and on; none with --accounts',
      default: 0,
      range: [0, 99_999],
    },
  ],
  create: ({ options }) =>
    new Exchange({ ...judgedOptions(options), ...(options['loadAccounts'] && { journal: new PacedJournal() }) }),
  commitOf: (protocol) => {
    const journal = protocol instanceof Exchange ? protocol.journal : undefined
    return journal && (() => journal.sync())
  },
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_EXCHANGE,
  dialect: DIALECT,
  metrics: METRICS,
}
