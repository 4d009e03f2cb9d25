/** What a mutant puts between a protocol and the rest of the server. */
import { forwardingProtocol, forwardingOutbox } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'

/** One message as its sender's protocol has decided it: body and NUL. */
export interface Routed {
  readonly from: ClientId
  readonly to: ClientId
  readonly bytes: Uint8Array
}

/** `protocol`, but that each message is handed to `route`, which alone sends what is sent. */
export function rerouted(protocol: Protocol, route: (message: Routed, out: Outbox) => void): Protocol {
  return forwardingProtocol(protocol, {
    received: (from, chunk, out) =>
      protocol.received(
        from,
        chunk,
        through(out, (to, bytes) => route({ from, to, bytes }, out)),
      ),
  })
}

/** `protocol`, but that `announce` tells a client the four bytes of its id. */
export function announced(
  protocol: Protocol,
  announce: (client: ClientId, id: Uint8Array, out: Outbox) => void,
): Protocol {
  return forwardingProtocol(protocol, {
    connected: (client, out, role) =>
      protocol.connected(
        client,
        through(out, (_, id) => announce(client, id, out)),
        role,
      ),
  })
}

/** `out`, but that each message goes through `send`, in memory of its own. */
export function through(out: Outbox, send: (to: ClientId, bytes: Uint8Array) => void): Outbox {
  return forwardingOutbox(out, {
    apart: true,
    send: (to, bytes, start, end) => send(to, new Uint8Array(bytes.subarray(start, end))),
    give: (to, bytes) => send(to, bytes),
  })
}

/** Four bytes, most significant first (R1.1). */
export function encodeId(id: ClientId): Uint8Array {
  return Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
}

export function readId(bytes: Uint8Array): ClientId {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
