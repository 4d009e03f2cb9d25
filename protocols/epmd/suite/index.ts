/**
 * The suite of EPMD: the clauses of docs/protocols/epmd.md, and the cases that prove them. Begin with `cases.ts`.
 */
import type { Suite } from '@switchyard/conformance/portable'
import { Epmd } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'
import { SIMULATED_EPMD } from './simulated/index.ts'

export { FAULTS } from './faults.ts'

/** Far from the last one, so that it rises for as long as a server lives. */
const FIRST_CREATIONS = 2 ** 31
const FIRST_CREATION_MIN = 4

export const EPMD: Suite<Client> = {
  name: 'epmd',
  specification: 'docs/protocols/epmd.md',
  clauses: CLAUSES,
  cases: CASES,
  options: [
    {
      name: 'idleMs',
      meaning: 'how long a connection may send nothing that has not registered a name (D1.7)',
      default: 60_000,
      range: [1, 2 ** 31 - 1],
    },
    {
      name: 'relaxed',
      meaning: '1: local clients may end the server, and registrations (D4.2, D4.3)',
      default: 0,
      range: [0, 1],
    },
  ],
  create: ({ options: { idleMs, relaxed }, port, random, shutDown }) =>
    new Epmd({
      port,
      firstCreation: FIRST_CREATION_MIN + random.below(FIRST_CREATIONS),
      idleMs,
      relaxed: relaxed === 1,
      onKill: shutDown,
    }),
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_EPMD,
}
