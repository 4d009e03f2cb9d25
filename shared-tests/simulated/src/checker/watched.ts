import { forwardingProtocol } from '@switchyard/core'
import type { ClientId, Protocol } from '@switchyard/core'

/** Hears of each step that a pattern takes, just before the protocol does. */
export interface Watcher {
  joined(client: ClientId): void
  processed(client: ClientId, bytes: number): void
  left(client: ClientId): void
}

/** A protocol that somebody watches. What it decides is its own affair: a faulty one is judged by what its clients read. */
export function watched(protocol: Protocol, watcher: Watcher): Protocol {
  return forwardingProtocol(protocol, {
    connected(client, out, role) {
      watcher.joined(client)
      protocol.connected(client, out, role)
    },
    received(client, chunk, out) {
      watcher.processed(client, chunk.length)
      protocol.received(client, chunk, out)
    },
    disconnected(client, out) {
      watcher.left(client)
      protocol.disconnected(client, out)
    },
  })
}
