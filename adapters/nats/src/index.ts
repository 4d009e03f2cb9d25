/** Links between nodes over NATS. Begin with `node-links.ts`, a listener that brings a stream for each other node. */
export { askNodes } from './ask.ts'
export { JoinError } from './broker.ts'
export { NodeLinks } from './node-links.ts'
export type { NodeLinksOptions } from './node-links.ts'
