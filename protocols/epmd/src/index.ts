/**
 * EPMD, Erlang's directory of nodes, specified in docs/protocols/epmd.md: the second protocol, and the smallest.
 * `Epmd` decides; `codec` knows the bytes of requests and answers. Begin with `Epmd.received`.
 */
export { Epmd } from './epmd.ts'
export type { EpmdOptions } from './epmd.ts'
