/** One node of the simulation, and the bus between nodes: it drops, doubles, delays and reorders. */
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { decodeSegment, encodeLinkSegment, LinkMachine, LinkStream } from '@switchyard/protocols/nodes/links'
import type { LinkSegment } from '@switchyard/protocols/nodes/links'
import type { Listener, Pattern, Random, Server } from '@switchyard/core'
import { lastIdOf, NodeRouter } from '@switchyard/protocols/nodes'
import type { SimClock } from '@switchyard/sim'
import type { KnownLink, PlantedFault } from './faults.ts'

export const BEAT_MS = 250
/** Small, so that windows fill. */
export const LIMITS = { messageBytesMax: 256, queuedBytesMax: 1024, writeDeadlineMs: 600_000 } as const
/** Begins a frame of messages. */
const DATA = 2

export interface NodeRun {
  readonly number: number
  readonly epoch: number
  readonly firstId: number
  readonly windowBytes: number
}

export class SimNode extends EventEmitter<{ connection: [stream: Duplex]; error: [error: Error] }> implements Listener {
  readonly number: number
  readonly epoch: number
  readonly router: NodeRouter
  readonly machine: LinkMachine
  readonly server: Server
  readonly #clock: SimClock
  readonly #fault: PlantedFault | undefined
  /** By the other node. */
  readonly #links = new Map<number, KnownLink>()
  /** It was killed: nothing of it moves any more. */
  dead = false
  #highestId = 0

  constructor(
    pattern: Pattern,
    { number, epoch, firstId, windowBytes }: NodeRun,
    clock: SimClock,
    bus: Bus,
    fault?: PlantedFault,
  ) {
    super()
    this.number = number
    this.epoch = epoch
    this.#clock = clock
    this.#fault = fault
    this.#highestId = firstId + 100
    this.router = new NodeRouter({ node: number, epoch, ...LIMITS, windowBytes })
    this.machine = new LinkMachine(
      { node: number, epoch, beatMs: BEAT_MS, highestId: () => this.#highestId },
      {
        publish: (to, segment) => {
          if (to !== 'everybody') this.#learn(to, segment)
          bus.publish(this, to, segment)
        },
        opened: (link) => {
          const stream = new LinkStream(this.machine, link, clock, (written) => clock.turn(() => written.flush()))
          stream.on('error', () => {}) // Its connection hears of it.
          this.emit('connection', stream)
        },
        joined: () => {},
        numberTaken: () => {},
      },
    )
    const protocol = fault?.protocol?.(this.router) ?? this.router
    this.server = pattern.serve(protocol, this, { ...LIMITS, firstId, idsMax: lastIdOf(number), clock })
    this.machine.busUp(clock.now())
    this.#tick()
  }

  #tick(): void {
    this.#clock.after(BEAT_MS, () => {
      if (this.dead) return
      this.machine.tick(this.#clock.now())
      this.#tick()
    })
  }

  receive(bytes: Uint8Array): void {
    this.machine.received(this.#asTaken(bytes), this.#clock.now())
  }

  #asTaken(bytes: Uint8Array): Uint8Array {
    const segment = decodeSegment(bytes)
    const link = segment && this.#links.get(segment.node)
    if (!link || segment.kind !== 'data') return bytes
    const seen = this.#fault?.taken?.(segment, link) ?? segment
    const fits = isOf(link, seen) && seen.at === link.received
    if (fits) this.#links.set(segment.node, { ...link, received: link.received + segment.bytes.length })
    return seen === segment ? bytes : encodeLinkSegment(seen)
  }

  /** It is of an older link, and stands just where the present one goes on. */
  isTempting(bytes: Uint8Array): boolean {
    const segment = decodeSegment(bytes)
    if (segment?.kind !== 'data') return false
    const link = this.#links.get(segment.node)
    const stands = this.machine.peers.some(
      ({ node, link: standing }) => node === segment.node && standing !== undefined,
    )
    return (
      stands && link !== undefined && segment.bytes[0] === DATA && !isOf(link, segment) && segment.at === link.received
    )
  }

  /** What it publishes says which numbers it expects. */
  #learn(to: number, bytes: Uint8Array): void {
    const segment = decodeSegment(bytes)
    if (!segment || segment.kind === 'beat') return
    const { mine: theirs, theirs: mine } = segment
    const known = this.#links.get(to)
    if (known?.mine !== mine || known.theirs !== theirs) this.#links.set(to, { mine, theirs, received: 0 })
  }

  roleOf(stream: Duplex): string {
    return stream instanceof LinkStream ? 'node' : 'client'
  }

  close(): void {}
}

function isOf(link: KnownLink, { mine, theirs }: LinkSegment): boolean {
  return mine === link.mine && theirs === link.theirs
}

/** Of a hundred, but for the last. `echoed`: it comes, and is kept for later too. */
export interface Faults {
  readonly dropped: number
  readonly doubled: number
  readonly late: number
  readonly echoed: number
  readonly reordered: boolean
}

export const CALM: Faults = { dropped: 0, doubled: 0, late: 0, echoed: 0, reordered: false }

interface Published {
  readonly to: SimNode
  readonly segment: Uint8Array
}

export class Bus {
  readonly nodes: SimNode[] = []
  readonly #random: Random
  #published: Published[] = []
  faults: Faults = CALM
  /** Held back for a while, until they come into whatever stands then. */
  #late: Published[] = []
  readonly parted: Set<number> = new Set()

  constructor(random: Random) {
    this.#random = random
  }

  publish(from: SimNode, to: number | 'everybody', segment: Uint8Array): void {
    for (const node of this.nodes) {
      if ((to !== 'everybody' && node.number !== to) || node.dead || from.dead) continue
      if (this.parted.has(node.number) || this.parted.has(from.number)) continue
      if (this.#random.below(100) < this.faults.dropped) continue
      const late = this.#random.below(100) < this.faults.late
      if (late || this.#random.below(100) < this.faults.echoed) this.#late.push({ to: node, segment })
      if (!late) this.#published.push({ to: node, segment })
      if (this.#random.below(100) < this.faults.doubled) this.#published.push({ to: node, segment })
    }
  }

  get waiting(): number {
    return this.#published.length
  }

  /** What was held back comes now. */
  release(): void {
    this.#published.unshift(...this.#late.splice(0))
  }

  /** Something that was held back would do harm just now. */
  get tempts(): boolean {
    return this.#late.some(({ to, segment }) => !to.dead && to.isTempting(segment))
  }

  tempt(): void {
    const index = this.#late.findIndex(({ to, segment }) => !to.dead && to.isTempting(segment))
    const [tempting] = this.#late.splice(index, 1)
    tempting?.to.receive(tempting.segment)
  }

  deliver(): void {
    const index = this.faults.reordered ? this.#random.below(Math.min(4, this.#published.length)) : 0
    const [next] = this.#published.splice(index, 1)
    if (next && !next.to.dead) next.to.receive(next.segment)
  }
}
