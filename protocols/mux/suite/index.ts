/** The suite of mux: the clauses of docs/protocols/mux.md, and the cases that prove them. Begin with `cases.ts`. */
import type { Suite } from '@switchyard/conformance/portable'
import type { Dialect } from '@switchyard/harness/portable'
import { DEFAULT_OPTIONS, Mux } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CAUSES } from './causes.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'
import { DIALECT } from './dialect.ts'
import { SIMULATED_MUX } from './simulated/index.ts'

const TIMER_MS_MAX = 2 ** 31 - 1

export { FAULTS } from './faults.ts'

export const MUX: Suite<Client> & { readonly dialect: Dialect } = {
  name: 'mux',
  specification: 'docs/protocols/mux.md',
  clauses: CLAUSES,
  cases: CASES,
  options: [
    {
      name: 'streamsMax',
      meaning: 'how many streams a connection may have open (M2.4)',
      default: DEFAULT_OPTIONS.streamsMax,
      range: [1, 2 ** 20],
    },
    {
      name: 'keepaliveMs',
      meaning: 'how often a peer is pinged; 0 is never (M5.2)',
      default: DEFAULT_OPTIONS.keepaliveMs,
      range: [0, TIMER_MS_MAX],
    },
    {
      name: 'answerMs',
      meaning: 'how long the answer to a ping may take (M5.2)',
      default: DEFAULT_OPTIONS.answerMs,
      range: [1, TIMER_MS_MAX],
    },
  ],
  causes: CAUSES,
  create: ({ options }) => new Mux(options),
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_MUX,
  dialect: DIALECT,
}
