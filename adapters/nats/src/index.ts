/**
 * Links between nodes over NATS. Begin with `node-links.ts`, a listener that brings a stream for each other node; `link-machine.ts` is what
 * makes streams of publishes, without I/O; `segment.ts` is what is published.
 */
export { askNodes } from './ask.ts'
export { JoinError } from './broker.ts'
export { NodeLinks } from './node-links.ts'
export type { BrokerState, NodeLinksOptions } from './node-links.ts'
export { LinkMachine } from './link-machine.ts'
export { decodeSegment, encodeLinkSegment } from './segment.ts'
export type { LinkSegment } from './segment.ts'
export { LinkStream } from './link-stream.ts'
