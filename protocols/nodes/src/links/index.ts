/**
 * Links between nodes over a bus that promises nothing. Begin with `link-machine.ts`, which makes streams of publishes, without I/O;
 * `link-listener.ts` brings them as connections. Whoever has a bus gives it `publish`, and tells the machine what comes: `adapters/nats`
 * a broker, the suite a bus in memory.
 */
export { LinkListener } from './link-listener.ts'
export type { BrokerState } from './link-listener.ts'
export { LinkStream } from './link-stream.ts'
export { BEAT_MS, LinkMachine, SILENCE_MS } from './link-machine.ts'
export type { LinkMachineOptions } from './link-machine.ts'
export { decodeSegment, encodeLinkSegment, SEGMENT_BYTES_MAX } from './segment.ts'
export type { LinkSegment } from './segment.ts'
