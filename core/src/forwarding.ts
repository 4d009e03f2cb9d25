/**
 * What stands between a protocol and its server: it hands on every verb and every step that it does not change, so that a new
 * verb breaks no wrapper and no wrapper swallows a verb.
 */
import type { Outbox, Protocol } from './protocol.ts'

/** `out`, but for the verbs in `instead`. */
export function forwardingOutbox(out: Outbox, instead: Partial<Outbox>): Outbox {
  return {
    apart: out.apart,
    get now() {
      return out.now
    },
    send: (to, bytes, start, end, messages) => out.send(to, bytes, start, end, messages),
    give: (to, bytes) => out.give(to, bytes),
    keep: (chunk) => out.keep(chunk),
    offer: (to, bytes, start, end) => out.offer(to, bytes, start, end),
    offerAll: (to, bytes, start, end) => out.offerAll(to, bytes, start, end),
    missed: (client) => out.missed(client),
    queued: (client) => out.queued(client),
    whenQueued: (client, atMost) => out.whenQueued(client, atMost),
    wakeAt: (at) => out.wakeAt(at),
    close: (client, why) => out.close(client, why),
    abort: (client, reason, why) => out.abort(client, reason, why),
    finish: (client) => out.finish(client),
    pause: (client) => out.pause(client),
    resume: (client) => out.resume(client),
    pace: (client) => out.pace(client),
    ...instead,
  }
}

/** `protocol`, but for the steps in `instead`. Optional steps that neither has stay absent: by that a pattern knows of them. */
export function forwardingProtocol(protocol: Protocol, instead: Partial<Protocol>): Protocol {
  return {
    connected: (client, out, role) => protocol.connected(client, out, role),
    received: (client, chunk, out) => protocol.received(client, chunk, out),
    disconnected: (client, out) => protocol.disconnected(client, out),
    heldBytes: (client) => protocol.heldBytes(client),
    ...(protocol.finished && { finished: (client, out) => protocol.finished?.(client, out) }),
    ...(protocol.drained && { drained: (client, out) => protocol.drained?.(client, out) }),
    ...(protocol.woken && { woken: (out) => protocol.woken?.(out) }),
    ...(protocol.stopping && { stopping: (out) => protocol.stopping?.(out) }),
    ...instead,
  }
}

/** `protocol`, whose steps get `outboxOf` of their outbox. */
export function withOutbox(protocol: Protocol, outboxOf: (out: Outbox) => Outbox): Protocol {
  return forwardingProtocol(protocol, {
    connected: (client, out, role) => protocol.connected(client, outboxOf(out), role),
    received: (client, chunk, out) => protocol.received(client, chunk, outboxOf(out)),
    disconnected: (client, out) => protocol.disconnected(client, outboxOf(out)),
    ...(protocol.finished && { finished: (client, out) => protocol.finished?.(client, outboxOf(out)) }),
    ...(protocol.drained && { drained: (client, out) => protocol.drained?.(client, outboxOf(out)) }),
    ...(protocol.woken && { woken: (out) => protocol.woken?.(outboxOf(out)) }),
    ...(protocol.stopping && { stopping: (out) => protocol.stopping?.(outboxOf(out)) }),
  })
}
