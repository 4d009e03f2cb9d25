/**
 * The suite of EPMD: the clauses of docs/protocols/epmd.md, and the cases that prove them. Begin with `cases.ts`.
 */
import type { Suite } from '@switchyard/conformance/portable'
import { Epmd } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'

export const EPMD: Suite<Client> = {
  name: 'epmd',
  specification: 'docs/protocols/epmd.md',
  clauses: CLAUSES,
  cases: CASES,
  create: () => new Epmd({ port: 4369, firstCreation: 4 }),
  client: (name, stream, log) => new Client(name, stream, log),
}
