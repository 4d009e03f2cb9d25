/**
 * The suite of nodes: the clauses of docs/protocols/nodes.md, and the cases that prove them on three nodes in one process. Begin with
 * `cluster.ts`, then `cases.ts`; `faults.ts` has what they catch. The same nodes run in simulation, and joined by a real broker in the tests of `adapters/nats`.
 */
import type { Suite } from '@switchyard/conformance/portable'
import { Client } from '../../router/suite/client/client.ts'
import { CASES } from './cases.ts'
import { CAUSES } from './causes.ts'
import { CLAUSES } from './clauses.ts'
import { Cluster, clusterOptions, together } from './cluster.ts'
import { SIMULATED_NODES } from './simulated/index.ts'

export { Cluster, clusterOptions, partsOf } from './cluster.ts'
export { FAULTS } from './faults.ts'

export const NODES: Suite<Client> = {
  name: 'nodes',
  specification: 'docs/protocols/nodes.md',
  clauses: CLAUSES,
  cases: CASES,
  causes: CAUSES,
  admission: { clause: 'N1.1', what: 'id', admitted: (client) => client.admitted() },
  create: ({ limits }) => new Cluster(clusterOptions(limits)),
  servedBy: together,
  client: (name, stream, log) => new Client(name, stream, log),
  simulated: SIMULATED_NODES,
}
