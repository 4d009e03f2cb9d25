/** Link machines on a bus in virtual time that drops, delays, doubles and reorders, as a seed says; and what their users see. */
import type { Random } from '@switchyard/core'
import { LinkMachine } from '../src/links/link-machine.ts'
import type { MachineLink } from '../src/links/machine-link.ts'

export interface Faults {
  /** Of a thousand segments. */
  readonly dropped: number
  readonly doubled: number
  /** A segment takes from 1 ms to this; without `fifo` they overtake each other. */
  readonly delayMs: number
  readonly fifo: boolean
}

export const CALM: Faults = { dropped: 0, doubled: 0, delayMs: 1, fifo: true }

interface Delivery {
  readonly at: number
  readonly order: number
  readonly to: End
  readonly segment: Uint8Array
}

export class FaultyBus {
  now = 1_000_000
  faults: Faults = CALM
  readonly ends: End[] = []
  readonly #random: Random
  #deliveries: Delivery[] = []
  #order = 0
  #lastAt = 0

  constructor(random: Random) {
    this.#random = random
  }

  add(node: number, epoch: number, highestId = 0): End {
    const end = new End(this, node, epoch, highestId)
    this.ends.push(end)
    end.machine.busUp(this.now)
    return end
  }

  publish(from: End, to: number | 'everybody', segment: Uint8Array): void {
    if (from.cutOff) return
    for (const end of this.ends) {
      if ((to !== 'everybody' && end.node !== to) || end.cutOff || (end === from && end.deafToItself)) continue
      if (this.#random.below(1000) < this.faults.dropped) continue
      this.#deliver(end, segment)
      if (this.#random.below(1000) < this.faults.doubled) this.#deliver(end, segment)
    }
  }

  #deliver(to: End, segment: Uint8Array): void {
    const at = this.now + 1 + this.#random.below(this.faults.delayMs)
    this.#lastAt = this.faults.fifo ? Math.max(at, this.#lastAt) : at
    this.#deliveries.push({ at: this.#lastAt, order: this.#order++, to, segment })
  }

  /** A millisecond at a time. */
  advance(ms: number): void {
    for (let step = 0; step < ms; step++) {
      this.now++
      const due = this.#deliveries.filter(({ at }) => at <= this.now)
      this.#deliveries = this.#deliveries.filter(({ at }) => at > this.now)
      for (const { to, segment } of due.toSorted((a, b) => a.at - b.at || a.order - b.order)) to.receive(segment)
      if (this.now % 50 === 0) for (const end of this.ends) end.tick()
    }
  }
}

/** What one user has seen of one link. */
export interface Seen {
  readonly link: MachineLink
  readonly written: number[]
  readonly read: number[]
  untaken: number
  finished: boolean
  broke: string | undefined
}

/** A node: its machine, and a user that reads all at once unless it is told not to. */
export class End {
  readonly node: number
  readonly machine: LinkMachine
  readonly seen: Seen[] = []
  reads = true
  cutOff = false
  asleep = false
  deafToItself = false
  joined = 0
  taken: number | undefined
  readonly rivals: number[] = []
  readonly #bus: FaultyBus
  readonly #slept: Uint8Array[] = []

  constructor(bus: FaultyBus, node: number, epoch: number, highestId: number) {
    this.node = node
    this.#bus = bus
    this.machine = new LinkMachine(
      { node, epoch, highestId: () => highestId },
      {
        publish: (to, segment) => bus.publish(this, to, segment),
        opened: (link) => this.#opened(link),
        joined: () => this.joined++,
        numberTaken: (other) => (this.taken = other),
        rival: (other) => void this.rivals.push(other),
      },
    )
  }

  receive(segment: Uint8Array): void {
    if (this.asleep) this.#slept.push(segment)
    else if (!this.cutOff) this.machine.received(segment, this.#bus.now)
  }

  tick(): void {
    if (!this.asleep) this.machine.tick(this.#bus.now)
  }

  wake(): void {
    this.asleep = false
    for (const segment of this.#slept.splice(0)) this.receive(segment)
    this.tick()
  }

  /** Its user wants the link no more. */
  reset(seen: Seen): void {
    this.machine.reset(seen.link)
    seen.broke = 'reset'
  }

  /** What stands now. */
  get links(): readonly Seen[] {
    return this.seen.filter(({ broke, finished }) => broke === undefined && !finished)
  }

  #opened(link: MachineLink): void {
    const seen: Seen = { link, written: [], read: [], untaken: 0, finished: false, broke: undefined }
    this.seen.push(seen)
    link.user = {
      data: (bytes) => {
        seen.read.push(...bytes)
        if (this.reads) {
          link.take(bytes.length)
          if (link.takenIsDue) link.flush()
        } else seen.untaken += bytes.length
      },
      finished: () => (seen.finished = true),
      taken: () => {},
      broke: (why) => (seen.broke = why),
    }
  }
}

/** Writes one byte, which nothing else on this link has written lately. */
export function writeNext(seen: Seen): void {
  const byte = seen.written.length % 251
  seen.written.push(byte)
  seen.link.write(Uint8Array.of(byte))
  seen.link.flush()
}
