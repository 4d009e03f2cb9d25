/** What a mutant puts between a protocol and the rest of the server. */
import type { ClientId, Outbox, Protocol } from '@switchyard/core'

/** One message as its sender's protocol has decided it: body and NUL. */
export interface Routed {
  readonly from: ClientId
  readonly to: ClientId
  readonly bytes: Uint8Array
}

/** `protocol`, but for the calls that `faulty` answers. */
export function changed(protocol: Protocol, faulty: Partial<Protocol>): Protocol {
  return {
    connected: (client, out) => protocol.connected(client, out),
    received: (client, chunk, out) => protocol.received(client, chunk, out),
    disconnected: (client, out) => protocol.disconnected(client, out),
    heldBytes: (client) => protocol.heldBytes(client),
    ...faulty,
  }
}

/** `protocol`, but that each message is handed to `route`, which alone sends what is sent. */
export function rerouted(protocol: Protocol, route: (message: Routed, out: Outbox) => void): Protocol {
  return changed(protocol, {
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
  return changed(protocol, {
    connected: (client, out) =>
      protocol.connected(
        client,
        through(out, (_, id) => announce(client, id, out)),
      ),
  })
}

/** `out`, but that each message goes through `send`, in memory of its own. */
export function through(out: Outbox, send: (to: ClientId, bytes: Uint8Array) => void): Outbox {
  return {
    apart: true,
    send: (to, bytes, start, end) => send(to, new Uint8Array(bytes.subarray(start, end))),
    give: (to, bytes) => send(to, bytes),
    close: (client) => out.close(client),
    abort: (client, reason) => out.abort(client, reason),
  }
}

/** Four bytes, most significant first (R1.1). */
export function encodeId(id: ClientId): Uint8Array {
  return Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
}

export function readId(bytes: Uint8Array): ClientId {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
