import type { Pattern, Protocol } from '@switchyard/core'
import type { Event, ProtocolChecker, RunView, Violation, World } from '@switchyard/sim'
import { ID_BYTES } from '../../../router/suite/client/message.ts'
import { Cluster } from '../cluster.ts'
import { nodeOf } from '../../src/ids.ts'
import { bodyOf } from './speech.ts'
import type { NodesSay } from './speech.ts'

interface Message {
  readonly from: number
  readonly to: number
  /** Among those of its sender, in the order in which they were sent. */
  readonly place: number
  arrived: boolean
}

/** What one client has sent and heard. */
interface Account {
  id: number | undefined
  partial: number[]
  sent: number
  /** Its connection was reset, or its node ended: that tells of whatever is missing. */
  ended: boolean
  /** By sender, the place of the last that came. */
  readonly last: Map<number, number>
}

/** A node that holds more for its clients, links and chunks has no bound, in these worlds. */
const HELD_BYTES_MAX = 256 * 1024
/** All of a server's statistics are a hundred numbers. */
const TURNS_BETWEEN_LOOKS = 8
const PIECE_BYTES = 1024
/** For each break: a node that went, or whose number another one took, took its books along. */
const ENDS: ReadonlySet<string> = new Set(['kill', 'rival', 'leave'])

/**
 * The books of every pair, at every step: what comes was sent to this client, once, and in its sender's order. In the end, when all has
 * healed: what was sent to a client that is there has arrived, or its loss was told, as often as it did not arrive; nobody is held back
 * for nothing, and every two nodes are linked.
 */
export class NodesChecker implements ProtocolChecker<NodesSay> {
  readonly #world: World<NodesSay>
  readonly #pattern: Pattern
  readonly #accounts: Account[]
  readonly #messages = new Map<string, Message>()
  readonly #troubles: ReadonlySet<string>
  /** N4.1: what may wait for one client in front of its queue. */
  readonly #parkedMax: number
  #cluster: Cluster | undefined
  #turns = 0

  constructor(world: World<NodesSay>, pattern: Pattern, windowBytes: number) {
    this.#world = world
    this.#pattern = pattern
    const { clients, buffers, limits } = world
    this.#accounts = clients.map(() => ({ id: undefined, partial: [], sent: 0, ended: false, last: new Map() }))
    const troubles = clients.flat().flatMap((move) => {
      return move.kind === 'say' && move.say.kind === 'trouble' ? [move.say.what] : []
    })
    this.#troubles = new Set(troubles)
    const { messageBytesMax = 0 } = limits
    const waiting = 2 * windowBytes + clients.length * (buffers.receiveBytes + messageBytesMax)
    this.#parkedMax = PIECE_BYTES * (Math.ceil(waiting / PIECE_BYTES) + 1) + 2 * messageBytesMax
  }

  watch(protocol: Protocol): Protocol {
    if (!(protocol instanceof Cluster)) throw new TypeError('these are not nodes')
    this.#cluster = protocol
    return protocol
  }

  after(event: Event<NodesSay>): Violation | undefined {
    switch (event.kind) {
      case 'move':
        this.#moved(event)
        return undefined
      case 'read':
        return this.#read(event.client, event.bytes)
      case 'end':
        this.#account(event.client).ended = true
        return undefined
      case 'turn':
        return this.#cluster?.wrong ?? this.#unbounded()
      case 'connect':
      case 'deliver':
      case 'accept':
      case 'sync':
      case 'time':
      case 'shutdown':
        return this.#cluster?.wrong
    }
  }

  #account(client: number): Account {
    const account = this.#accounts[client]
    if (!account) throw new Error(`there is no client ${client}`)
    return account
  }

  #moved({ client, move, whole }: Extract<Event<NodesSay>, { readonly kind: 'move' }>): void {
    const account = this.#account(client)
    if (move.kind === 'reset') account.ended = true
    if (!whole || move.kind !== 'say' || move.say.kind !== 'send') return
    const { to, number, bytes } = move.say
    this.#messages.set(bodyOf(client, number, bytes), { from: client, to, place: account.sent++, arrived: false })
  }

  #read(client: number, bytes: Uint8Array): Violation | undefined {
    const account = this.#account(client)
    account.partial.push(...bytes)
    if (account.id === undefined) {
      if (account.partial.length < ID_BYTES) return undefined
      account.id = new DataView(Uint8Array.from(account.partial.splice(0, ID_BYTES)).buffer).getUint32(0)
      const twice = this.#accounts.find((other) => other !== account && other.id === account.id)
      if (twice) return { clause: 'N1.2', message: `two clients have the id ${account.id}` }
      if (nodeOf(account.id) !== (client % 3) + 1 && this.#troubles.size === 0) {
        return { clause: 'N1.1', message: `client ${client} has the id ${account.id}` }
      }
    }
    for (let end = account.partial.indexOf(0); end >= 0; end = account.partial.indexOf(0)) {
      const body = new TextDecoder().decode(Uint8Array.from(account.partial.splice(0, end + 1)).subarray(0, end))
      const wrong = this.#heard(client, account, body)
      if (wrong) return wrong
    }
    return undefined
  }

  #heard(client: number, { last }: Account, body: string): Violation | undefined {
    const message = this.#messages.get(body)
    if (!message || message.to !== client) {
      return { clause: 'N3.1', message: `client ${client} reads "${body}", which nobody has sent to it` }
    }
    const { from, place, arrived } = message
    if (arrived) return { clause: 'N3.1', message: `client ${client} reads "${body}" twice` }
    if (place < (last.get(from) ?? 0)) {
      return { clause: 'N3.1', message: `client ${client} reads "${body}" behind what was sent later` }
    }
    message.arrived = true
    last.set(from, place)
    return undefined
  }

  #unbounded(): Violation | undefined {
    const looks = this.#turns++ % TURNS_BETWEEN_LOOKS === 0
    for (const { number, router, server, clientIds } of this.#cluster?.living ?? []) {
      for (const id of clientIds) {
        const parked = router.heldBytes(id)
        if (parked > this.#parkedMax) return { clause: 'N4.1', message: `${parked} bytes wait for client ${id}` }
      }
      const held = looks ? (server?.statistics().held.total ?? 0) : 0
      if (held > HELD_BYTES_MAX) return { clause: 'N4.1', message: `node ${number} holds ${held} bytes` }
    }
    return undefined
  }

  /** N4.1 and G2: a client that reads nothing holds up those who send to it, and where no step waits for a write nobody else. */
  rest({ clients, server }: RunView<NodesSay>): Violation | undefined {
    const { guarantees } = this.#pattern
    if (this.#troubles.size > 0 || !guarantees.G2 || !guarantees.G4) return undefined
    for (const { index, stalled, end } of clients) {
      if (stalled || end !== undefined) continue
      const missing = this.#missingOf(index).filter(({ from }) => !this.#talksToWhoIsStalled(from, clients))
      if (missing.length === 0) continue
      const message = `nothing is left to happen, and ${missing.length} messages for client ${index} have not come`
      return { clause: 'N4.1', message: `${message}: ${server.waits.render()}` }
    }
    return undefined
  }

  #talksToWhoIsStalled(client: number, clients: RunView<NodesSay>['clients']): boolean {
    return (this.#world.clients[client] ?? []).some((move) => {
      return move.kind === 'say' && move.say.kind === 'send' && clients[move.say.to]?.stalled !== false
    })
  }

  /** From clients that are there. */
  #missingOf(client: number): readonly Message[] {
    return [...this.#messages.values()].filter(({ to, from, arrived }) => {
      return to === client && !arrived && !this.#account(from).ended
    })
  }

  end({ clients, server }: RunView<NodesSay>): Violation | undefined {
    const cluster = this.#cluster
    if (!cluster || cluster.wrong) return cluster?.wrong
    // Who does not read does not see its end.
    for (const { index, link } of clients) if (link.end !== undefined) this.#account(index).ended = true
    for (const { index, end, link, nextMove, refused } of clients) {
      if (refused || end !== undefined || this.#account(index).ended) continue
      const moves = this.#world.clients[index]?.length ?? 0
      if (nextMove < moves || link.unread().length > 0) {
        return { clause: 'N4.2', message: `client ${index} is held back for ever: ${server.waits.render()}` }
      }
    }
    const wrong = this.#books(cluster) ?? this.#unlinked(cluster)
    if (wrong || !this.#onlyLeaves) return wrong
    const lost = cluster.nodes.reduce((sum, { router }) => {
      const { losses, peers } = router.snapshot()
      return sum + losses['link-lost'] + peers.reduce((doubts, { inDoubt }) => doubts + inDoubt, 0)
    }, 0)
    return lost === 0 ? undefined : { clause: 'N5.2', message: `nodes left in order, and ${lost} messages are lost` }
  }

  /** Where nobody stalls: a node that waits for a client to read waits for a quarter of its grace. */
  get #onlyLeaves(): boolean {
    const stalls = this.#world.clients.some((moves) => moves.some(({ kind }) => kind === 'stall'))
    return this.#troubles.size === 1 && this.#troubles.has('leave') && !stalls
  }

  #books(cluster: Cluster): Violation | undefined {
    for (const [client, { id, ended }] of this.#accounts.entries()) {
      if (ended || id === undefined) continue
      const missing = this.#missingOf(client).length
      const told = cluster.lost(id)
      if (missing > told) {
        const message = `of the messages for client ${client} ${missing} are missing, and ${told} are told`
        return { clause: this.#troubles.size > 0 ? 'N3.1' : 'N2.1', message }
      }
      const exact = ![...this.#troubles].some((what) => ENDS.has(what)) && this.#accounts.every((each) => !each.ended)
      if (exact && told > missing) {
        return { clause: 'N3.2', message: `client ${client} has missed ${missing} messages, and ${told} are told` }
      }
    }
    return undefined
  }

  #unlinked({ living }: Cluster): Violation | undefined {
    for (const { number, router, machine } of living) {
      if (machine.state !== 'joined') {
        return { clause: 'N2.1', message: `all is well, and node ${number} has not joined: ${machine.state}` }
      }
      for (const other of living) {
        if (other === living.find((one) => one.number === number)) continue
        const peer = router.snapshot().peers.find(({ node }) => node === other.number)
        if (peer?.state !== 'linked') {
          return { clause: 'N2.1', message: `all is well, and node ${number} is not linked to node ${other.number}` }
        }
      }
    }
    return undefined
  }
}
