/**
 * The router's suite: the clauses of docs/protocol.md, 87 cases that prove them, and what is known of servers that fail.
 * `ROUTER` is all of it; begin reading at `cases/index.ts`, in the order of the specification.
 */
import type { Suite } from '@switchyard/conformance/portable'
import type { PairDialect } from '@switchyard/harness/portable'
import { Router } from '../src/index.ts'
import { CASES } from './cases/index.ts'
import { CAUSES } from './causes/index.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client/client.ts'
import { DIALECT } from './dialect.ts'
import { examine } from './examine.ts'
import { SIMULATED_ROUTER } from './simulated/index.ts'

export const ROUTER: Suite<Client> & { readonly dialect: PairDialect } = {
  name: 'router',
  specification: 'docs/protocol.md',
  clauses: CLAUSES,
  cases: CASES,
  causes: CAUSES,
  admission: { clause: 'R1.2', what: 'id', admitted: (client) => client.admitted() },
  create: ({ limits }) => new Router(limits),
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_ROUTER,
  dialect: DIALECT,
  examine,
}

export { CASES } from './cases/index.ts'
export type { Case, CaseContext } from './case.ts'
export { CAUSES } from './causes/index.ts'
export { CLAUSES } from './clauses.ts'
export type { ClauseId } from './clauses.ts'
export { Client } from './client/client.ts'
export { ID_BYTES, message, readId } from './client/message.ts'
export { Arrivals, Numbered } from './client/numbered.ts'
export { lookLittleEndian } from './examine.ts'
