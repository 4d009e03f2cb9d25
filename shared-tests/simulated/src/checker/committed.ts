import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import type { Event, ProtocolChecker, RunView, Violation } from '@switchyard/sim'

/** What was decided for one client: where the bytes of each step end, and in which step its connection. */
interface Decided {
  readonly bytes: { readonly end: number; readonly step: number }[]
  ended: number | undefined
}

/**
 * In a world with a disk: of what a step has decided for a client nothing is in its kernel, be it bytes or the end of its
 * connection, before that step is committed. Beside that, whatever another checker demands.
 */
export class Committed<Say> implements ProtocolChecker<Say> {
  readonly #beside: ProtocolChecker<Say> | undefined
  readonly #decided = new Map<ClientId, Decided>()
  /** The id of each client of the world, and how much it has read. */
  readonly #ids: (ClientId | undefined)[] = []
  readonly #read: number[] = []
  #step = 0

  constructor(beside?: ProtocolChecker<Say>) {
    this.#beside = beside
  }

  watch(protocol: Protocol): Protocol {
    const given = this.#beside?.watch(protocol) ?? protocol
    const heard = withOutbox(given, (out) => {
      this.#step++
      return this.#hearing(out)
    })
    return forwardingProtocol(heard, {
      connected: (client, out, role) => {
        this.#decided.set(client, { bytes: [], ended: undefined })
        heard.connected(client, out, role)
      },
    })
  }

  after(event: Event<Say>, run: RunView<Say>): Violation | undefined {
    if (event.kind === 'connect' && !event.refused)
      this.#ids[event.client] = run.server.statistics().connections.accepted
    if (event.kind === 'read') this.#read[event.client] = (this.#read[event.client] ?? 0) + event.bytes.length
    return this.#leaked(run) ?? this.#beside?.after(event, run)
  }

  rest(run: RunView<Say>): Violation | undefined {
    return this.#beside?.rest?.(run)
  }

  end(run: RunView<Say>): Violation | undefined {
    return this.#beside?.end(run)
  }

  #leaked({ clients, disk, shutdown, world }: RunView<Say>): Violation | undefined {
    const committed = disk?.committed ?? Infinity
    for (const { index, link, nextMove } of clients) {
      const decided = this.#decided.get(this.#ids[index] ?? 0)
      if (!decided) continue
      const accepted = (this.#read[index] ?? 0) + link.readable
      const bytes = decided.bytes.find(({ step }) => step > committed)
      const start = decided.bytes.findLast(({ step }) => step <= committed)?.end ?? 0
      if (bytes && accepted > start) {
        const message = `client ${index} was sent what step ${bytes.step} decided, and ${committed} steps are committed`
        return { clause: 'commit', message }
      }
      const own = world.clients[index]!.slice(0, nextMove).some(({ kind }) => kind === 'fin' || kind === 'reset')
      if (own || shutdown !== 'no' || link.end === undefined || (decided.ended ?? 0) <= committed) continue
      const message = `client ${index} was ended as step ${decided.ended} decided, and ${committed} steps are committed`
      return { clause: 'commit', message }
    }
    return undefined
  }

  #hearing(out: Outbox): Outbox {
    const sent = (to: ClientId, count: number): void => {
      const decided = this.#decided.get(to)
      if (!decided || decided.ended !== undefined || count === 0) return
      decided.bytes.push({ end: (decided.bytes.at(-1)?.end ?? 0) + count, step: this.#step })
    }
    const ended = (client: ClientId): void => {
      const decided = this.#decided.get(client)
      if (decided) decided.ended ??= this.#step
    }
    return forwardingOutbox(out, {
      send(to, bytes, start = 0, end = bytes.length, messages) {
        sent(to, end - start)
        out.send(to, bytes, start, end, messages)
      },
      give(to, bytes) {
        sent(to, bytes.length)
        out.give(to, bytes)
      },
      offer(to, bytes, start = 0, end = bytes.length) {
        const accepted = out.offer(to, bytes, start, end)
        if (accepted) sent(to, end - start)
        return accepted
      },
      offerAll(to, bytes, start = 0, end = bytes.length) {
        const refused = out.offerAll(to, bytes, start, end)
        for (const client of to) if (!refused.includes(client)) sent(client, end - start)
        return refused
      },
      close(client, why) {
        ended(client)
        out.close(client, why)
      },
      abort(client, reason, why) {
        ended(client)
        out.abort(client, reason, why)
      },
      finish(client) {
        ended(client)
        out.finish(client)
      },
    })
  }
}
