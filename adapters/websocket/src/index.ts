/**
 * WebSockets as connections: `new WebSocketListener(httpServer, '/path')` is a listener that any pattern serves.
 *
 * listener.ts  lets WebSockets in
 * stream.ts    one of them as a stream of bytes
 */
export { WebSocketListener } from './listener.ts'
export { WebSocketStream } from './stream.ts'
