/**
 * The suite of chat: the clauses of docs/protocols/chat.md, and the cases that prove them. Begin with `cases.ts`; sections 5 and 6, in
 * which a member lags or time passes, are in `lagging.ts` and `limits.ts`.
 */
import type { Suite } from '@switchyard/conformance/portable'
import type { CrowdDialect } from '@switchyard/harness/portable'
import { Chat, DEFAULT_OPTIONS, OPTION_NAMES, RANGES } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CAUSES } from './causes.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'
import { DIALECT } from './dialect.ts'
import { METRICS } from './metrics.ts'
import { SIMULATED_CHAT } from './simulated/index.ts'

export { FAULTS } from './faults.ts'

const SEEDS = 2 ** 32
const MEANINGS: Readonly<Record<(typeof OPTION_NAMES)[number], string>> = {
  historyLines: "how many of a room's latest lines a new member is shown; 0 is none (C3.5)",
  floodLinesMax: 'how many lines a member may send at once (C6.1)',
  floodLinesPerSecond: 'and every second after that; 0 is no limit (C6.1)',
  idleMs: 'how long a member may send nothing; 0 is for ever (C6.2)',
}

export const CHAT: Suite<Client> & { readonly dialect: CrowdDialect } = {
  name: 'chat',
  specification: 'docs/protocols/chat.md',
  clauses: CLAUSES,
  cases: CASES,
  causes: CAUSES,
  options: OPTION_NAMES.map((name) => ({
    name,
    meaning: MEANINGS[name],
    default: DEFAULT_OPTIONS[name],
    range: RANGES[name],
  })),
  create: ({ options, random, log }) => new Chat({ ...DEFAULT_OPTIONS, ...options, seed: random.below(SEEDS), log }),
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_CHAT,
  dialect: DIALECT,
  metrics: METRICS,
}
