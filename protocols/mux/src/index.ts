/**
 * yamux, version 0: many streams in one connection. Begin with `mux.ts`, the protocol; `trunk.ts` is one connection and its streams,
 * `stream.ts` a stream's windows, `wire.ts` the frames.
 */
export { DEFAULT_OPTIONS, Mux } from './mux.ts'
export type { HeldUp, MuxOptions } from './mux.ts'
export {
  ACK,
  DATA,
  dataFrame,
  FIN,
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  NORMAL,
  PING,
  PROTOCOL_ERROR,
  RST,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from './wire.ts'
export type { Header, Sizes } from './wire.ts'
