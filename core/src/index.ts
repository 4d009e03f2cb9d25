export { ByteQueue, mergeSegments, Slabs } from './byte-queue.ts'
export type { Segment } from './byte-queue.ts'
export { Channel } from './channel.ts'
export type { AllReceived, ChannelOptions, Received, Sent, TryReceived, TrySent } from './channel.ts'
export { forwardingOutbox, forwardingProtocol, withOutbox } from './forwarding.ts'
export { liveClock, ManualClock } from './clock.ts'
export type { Cancel, Clock } from './clock.ts'
export { Connection } from './connection/connection.ts'
export type { Edges } from './connection/connection.ts'
export type { Read } from './connection/reading.ts'
export type { ConnectionState, LocalStream } from './connection/shared.ts'
export { Connections, UnsupportedSteps } from './connections.ts'
export type { ConnectionsEdges, ConnectionsOptions } from './connections.ts'
export { HeldBytes } from './held-bytes.ts'
export { DEFAULT_LIMITS, LIMIT_NAMES, LIMIT_RANGES, limitsOf, READ_BYTES } from './limits.ts'
export type { Limits } from './limits.ts'
export { LinkedQueue } from './linked-queue.ts'
export { pair } from './pair.ts'
export type { PairOptions } from './pair.ts'
export { COMMON_GUARANTEES, GUARANTEES } from './protocol.ts'
export type {
  AbortReason,
  ClientId,
  CloseReason,
  Group,
  Guarantee,
  Guarantees,
  Journal,
  Listener,
  Order,
  Outbox,
  Pattern,
  Protocol,
  Role,
  ServeOptions,
  Server,
} from './protocol.ts'
export { Random } from './random.ts'
export { serverOf } from './server.ts'
export { PLACES, Statistics } from './statistics.ts'
export type { Close, DropReason, Place, StatisticsSnapshot } from './statistics.ts'
export { Tasks } from './tasks.ts'
export { Turns } from './turns.ts'
export { WaitForGraph } from './wait-for-graph.ts'
export type { Party, Resource, Wait } from './wait-for-graph.ts'
