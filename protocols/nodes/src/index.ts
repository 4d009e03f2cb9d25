/**
 * Router nodes: several servers that are one router, joined by links. Begin with `node-router.ts`, the protocol; `link.ts` is one link
 * to another node, `wire.ts` the frames in it, `own-ids.ts` what a restart must not forget, `parked.ts` what waits in front of a long queue,
 * `losses.ts` the books of what was dropped.
 * A link is any stream that is in order, or reset: `adapters/nats` makes one of a bus that promises neither.
 */
export { NodeRouter } from './node-router.ts'
export type { NodeOptions, NodesSnapshot, PeerSnapshot } from './node-router.ts'
export { OwnIds } from './own-ids.ts'
export type { IdMemory } from './own-ids.ts'
export { LOSS_REASONS } from './losses.ts'
export type { LossReason } from './losses.ts'
export { CLIENTS_MAX, firstIdOf, lastIdOf, nodeOf, NODES_MAX } from './ids.ts'
