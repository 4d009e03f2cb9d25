import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { Outbox, Pattern, Protocol } from '@switchyard/core'
import type { Event, ProtocolChecker, RunView, Violation, World } from '@switchyard/sim'
import { DATA, FIN, HEADER_BYTES, headerIn, RST, WINDOW_UPDATE } from '../../src/index.ts'
import type { Sizes } from '../../src/index.ts'
import { ID_BYTES } from './speech.ts'
import type { MuxSay } from './speech.ts'
import { TRUNK, TwoEnds } from './two-ends.ts'

/** What one client has said and heard. */
interface Account {
  readonly side: number
  readonly sent: number[]
  readonly heard: number[]
  finished: boolean
  reset: boolean
}

/**
 * What a client of one end says, the client of the other end that has the same stream hears: all of it, in order, FIN behind it. On the wire
 * no stream has more data than its window and the credit that has arrived, and nothing behind FIN or RST; what is queued for
 * the trunk stays within its bound. Where nothing is left to happen, nothing is owed among those who read.
 *
 * G12, survives a full peer, of whoever declares it: the two ends never wait for each other. Total order is what costs it: where no byte of a
 * step is on its way before all those of the steps before, a step waits with the trunk's write, and the trunk is not read meanwhile.
 */
export class StreamsChecker implements ProtocolChecker<MuxSay> {
  readonly #accounts: (Account | undefined)[] = []
  readonly #pattern: Pattern
  readonly #world: World<MuxSay>
  readonly #sizes: Sizes
  #connected = 0
  #paid = false
  #wire: Violation | undefined

  constructor(world: World<MuxSay>, pattern: Pattern, sizes: Sizes) {
    this.#world = world
    this.#pattern = pattern
    this.#sizes = sizes
  }

  watch(protocol: Protocol): Protocol {
    if (!(protocol instanceof TwoEnds)) throw new TypeError('these are not two ends')
    return new TwoEnds(this.#overhearing(protocol.near), this.#overhearing(protocol.far), protocol.trunkBytes)
  }

  /** Counts frames, in both directions of one end's trunk. */
  #overhearing(end: Protocol): Protocol {
    const allowed = new Map<number, number>()
    const ended = new Set<number>()
    let partial = Buffer.alloc(0)
    let body = 0
    const gave = (bytes: Uint8Array, out: Outbox): void => {
      const { type, flags, stream, length } = headerIn(bytes)
      if (type !== DATA && type !== WINDOW_UPDATE) return
      if (type === DATA) {
        const rest = (allowed.get(stream) ?? this.#sizes.windowBytes) - length
        allowed.set(stream, rest)
        if (rest < 0)
          this.#wire ??= { clause: 'M3.1', message: `stream ${stream}: ${-rest} bytes more than its window` }
        if (ended.has(stream)) this.#wire ??= { clause: 'M4.1', message: `stream ${stream}: data behind FIN or RST` }
        if (out.queued(TRUNK) > this.#sizes.queuedBytes)
          this.#wire ??= {
            clause: 'M6.2',
            message: `data is queued for the trunk, which has ${out.queued(TRUNK)} bytes`,
          }
      }
      if (flags & (FIN | RST)) ended.add(stream)
    }
    const came = (chunk: Uint8Array): void => {
      partial = Buffer.concat([partial, chunk])
      for (;;) {
        const skipped = Math.min(body, partial.length)
        partial = partial.subarray(skipped)
        body -= skipped
        if (partial.length < HEADER_BYTES) return
        const { type, stream, length } = headerIn(partial)
        partial = partial.subarray(HEADER_BYTES)
        if (type === DATA) body = length
        if (type === WINDOW_UPDATE) allowed.set(stream, (allowed.get(stream) ?? this.#sizes.windowBytes) + length)
      }
    }
    const heard = withOutbox(end, (out) =>
      forwardingOutbox(out, {
        send: (to, bytes, from, until, messages) => {
          if (to === TRUNK) gave(bytes.subarray(from, until), out)
          out.send(to, bytes, from, until, messages)
        },
        give: (to, bytes) => {
          if (to === TRUNK) gave(bytes, out)
          out.give(to, bytes)
        },
      }),
    )
    return forwardingProtocol(heard, {
      received: (client, chunk, out) => {
        if (client === TRUNK) came(chunk)
        heard.received(client, chunk, out)
      },
    })
  }

  after(event: Event<MuxSay>): Violation | undefined {
    if (this.#wire) return this.#wire
    if (event.kind === 'connect') {
      const side = this.#connected++ % 2
      this.#accounts[event.client] = { side, sent: [], heard: [], finished: false, reset: false }
    } else if (event.kind === 'move') this.#moved(event)
    else if (event.kind === 'read') {
      this.#accounts[event.client]?.heard.push(...event.bytes)
      return this.#wrong(event.client)
    } else if (event.kind === 'end' && event.end === 'fin') return this.#early(event.client)
    return undefined
  }

  #moved({ client, move, sent }: Extract<Event<MuxSay>, { readonly kind: 'move' }>): void {
    const account = this.#accounts[client]
    account?.sent.push(...sent)
    if (account && move.kind === 'fin') account.finished = true
    if (account && move.kind === 'reset') account.reset = true
  }

  #partnerOf(client: number): Account | undefined {
    const own = this.#accounts[client]
    const id = idOf(own)
    return this.#accounts.find((other) => other && other.side !== own?.side && id !== undefined && idOf(other) === id)
  }

  #wrong(client: number): Violation | undefined {
    const heard = this.#accounts[client]?.heard.slice(ID_BYTES) ?? []
    if (heard.length === 0) return undefined
    const said = this.#partnerOf(client)?.sent ?? []
    const at = heard.findIndex((byte, index) => byte !== said[index])
    return at < 0
      ? undefined
      : { clause: 'M2.2', message: `client ${client} hears a byte at ${at} that its peer has not said there` }
  }

  #early(client: number): Violation | undefined {
    const own = this.#accounts[client]
    const partner = this.#partnerOf(client)
    if (!own || !partner || own.reset || partner.reset) return undefined
    if (!partner.finished) return { clause: 'M4.1', message: `client ${client} hears FIN, which its peer has not sent` }
    if (own.heard.length - ID_BYTES === partner.sent.length) return undefined
    return { clause: 'M4.1', message: `client ${client} hears FIN before all that its peer has sent` }
  }

  rest({ clients, server, shutdown }: RunView<MuxSay>): Violation | undefined {
    if (shutdown !== 'no') return undefined
    const deadlocked = server.waits.cycles().length > 0
    this.#paid ||= deadlocked && !this.#pattern.guarantees.G12
    if (this.#paid) return undefined // In time a write deadline ends the connection.
    const someStalled = clients.some(({ stalled }) => stalled)
    if (someStalled && !(this.#pattern.guarantees.G2 && this.#pattern.guarantees.G4)) return undefined
    for (const { index, stalled, end } of clients) {
      const own = this.#accounts[index]
      const partner = this.#partnerOf(index)
      if (!own || !partner || own.reset || partner.reset || stalled) continue
      const missing = partner.sent.length - (own.heard.length - ID_BYTES)
      const finMissing = partner.finished && end === undefined
      const stuck = clients.some(
        (client) =>
          this.#accounts[client.index] === partner &&
          !client.stalled &&
          client.end === undefined &&
          client.nextMove < (this.#world.clients[client.index]?.length ?? 0),
      )
      if (missing === 0 && !stuck && !finMissing) continue
      const what =
        missing > 0
          ? `${missing} bytes for client ${index} do not come`
          : stuck
            ? `the peer of client ${index} can't go on`
            : `FIN for client ${index} does not come`
      return {
        clause: deadlocked ? 'G12' : someStalled ? 'M6.1' : missing === 0 && !stuck ? 'M4.1' : 'G1',
        message: `nothing is left to happen, and ${what}: ${server.waits.render()}`,
      }
    }
    if (!deadlocked) return undefined
    return {
      clause: 'G12',
      message: `nothing is left to happen, and the two ends wait for each other: ${server.waits.render()}`,
    }
  }

  end(): undefined {
    return undefined
  }
}

function idOf(account: Account | undefined): number | undefined {
  if (!account || account.heard.length < ID_BYTES) return undefined
  return Buffer.from(account.heard.slice(0, ID_BYTES)).readUInt32BE()
}
