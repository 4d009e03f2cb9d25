import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { AbortReason, ClientId, Outbox, Protocol } from '@switchyard/core'

/** Hears of each step that a pattern takes, just before the protocol does, and of what the protocol decides in it. */
export interface Observer {
  joined(client: ClientId): void
  /** `chunk` is valid only during the call. */
  processed(client: ClientId, chunk: Uint8Array): void
  left(client: ClientId): void
  /** A step that no client's input has caused: `drained`, `woken` or `stopping`. */
  stepped(): void
  /** Sent, or offered; `refused` is about offers. `bytes` are valid only during the call. */
  sent?(to: ClientId, bytes: Uint8Array, messages: number, refused: boolean): void
  closed?(client: ClientId): void
  aborted?(client: ClientId, reason: AbortReason): void
}

/** `protocol`, observed. What it decides is its own affair. */
export function observed(protocol: Protocol, observer: Observer): Protocol {
  const heard = withOutbox(protocol, observing(observer))
  return forwardingProtocol(heard, {
    connected(client, out, role) {
      observer.joined(client)
      heard.connected(client, out, role)
    },
    received(client, chunk, out) {
      observer.processed(client, chunk)
      heard.received(client, chunk, out)
    },
    disconnected(client, out) {
      observer.left(client)
      heard.disconnected(client, out)
    },
    ...(heard.drained && {
      drained(client, out) {
        observer.stepped()
        heard.drained?.(client, out)
      },
    }),
    ...(heard.woken && {
      woken(out) {
        observer.stepped()
        heard.woken?.(out)
      },
    }),
    ...(heard.stopping && {
      stopping(out) {
        observer.stepped()
        heard.stopping?.(out)
      },
    }),
  })
}

/** A server has one outbox, so that each is wrapped once. */
function observing(observer: Observer): (out: Outbox) => Outbox {
  const wrapped = new WeakMap<Outbox, Outbox>()
  return (out) => {
    const known = wrapped.get(out)
    if (known) return known
    const outbox = observedOutbox(out, observer)
    wrapped.set(out, outbox)
    return outbox
  }
}

function observedOutbox(out: Outbox, observer: Observer): Outbox {
  const tell = (to: ClientId, bytes: Uint8Array, messages = 1, refused = false): void =>
    observer.sent?.(to, bytes, messages, refused)
  return forwardingOutbox(out, {
    send(to, bytes, start, end, messages) {
      tell(to, bytes.subarray(start, end), messages)
      out.send(to, bytes, start, end, messages)
    },
    give(to, bytes) {
      tell(to, bytes)
      out.give(to, bytes)
    },
    offer(to, bytes, start, end) {
      const accepted = out.offer(to, bytes, start, end)
      tell(to, bytes.subarray(start, end), 1, !accepted)
      return accepted
    },
    offerAll(to, bytes, start, end) {
      const refused = out.offerAll(to, bytes, start, end)
      for (const client of to) tell(client, bytes.subarray(start, end), 1, refused.includes(client))
      return refused
    },
    close(client, why) {
      observer.closed?.(client)
      out.close(client, why)
    },
    abort(client, reason) {
      observer.aborted?.(client, reason)
      out.abort(client, reason)
    },
  })
}
