import { EventEmitter, once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pair } from '@switchyard/core'
import type { Clock, Listener, Role } from '@switchyard/core'
import { LinkMachine } from './link-machine.ts'
import type { LinkMachineOptions } from './link-machine.ts'
import { LinkStream } from './link-stream.ts'
import type { MachineLink } from './machine-link.ts'
import { SEGMENT_BYTES_MAX } from './segment.ts'

export interface LinkEvents {
  connection: [stream: Duplex]
  error: [error: Error]
  newListener: [event: string | symbol]
  /** Another node serves under this one's number: it must not serve on. */
  lost: [error: Error]
  /** A broker was reached, or the connection to it has ended. */
  broker: [state: BrokerState, server: string]
}

export type BrokerState = 'connected' | 'away'

/** A listener that brings a stream for the link to each other node. What the bus brings goes to its machine. */
export abstract class LinkListener extends EventEmitter<LinkEvents> implements Listener {
  readonly machine: LinkMachine
  readonly #clock: Clock
  readonly #dirty = new Set<MachineLink>()
  /** Linked, and nobody has listened yet. */
  readonly #early: Duplex[] = []

  /** `Machine` is `LinkMachine`, or a copy of it with a planted fault. */
  constructor(options: LinkMachineOptions, clock: Clock, Machine: typeof LinkMachine = LinkMachine) {
    super()
    this.#clock = clock
    this.machine = new Machine(options, {
      publish: (to, segment) => this.publish(to, segment),
      opened: (link) => this.#opened(link),
      joined: () => this.joined(),
      numberTaken: (epoch) => this.numberTaken(epoch),
      newSegment: () => this.newSegment(),
    })
    this.on('newListener', (event) => {
      if (event === 'connection') this.#clock.turn(() => this.#bringEarly())
    })
  }

  protected abstract publish(to: number | 'everybody', segment: Uint8Array): void
  /** Memory for the next segment, which `publish` gets, or a copy of what is in it. */
  protected newSegment(): Uint8Array {
    return new Uint8Array(SEGMENT_BYTES_MAX)
  }

  protected abstract joined(): void
  protected abstract numberTaken(epoch: number): void

  /** A link has the role `node`; the connection over which `leave` tells the protocol has the role `leaving`. */
  roleOf(stream: Duplex): Role {
    return stream instanceof LinkStream ? 'node' : 'leaving'
  }

  /** Tells the protocol that serves that this node leaves. Settles when all that other nodes have sent to it has come, or it waits no more. */
  async leave(): Promise<void> {
    this.machine.leave()
    const [outer, inner] = pair({ clock: this.#clock })
    outer.on('error', () => {}) // The server has ended first.
    const left = once(outer.resume(), 'close')
    this.#bring(inner)
    outer.write(Uint8Array.of(1))
    outer.once('end', () => outer.end())
    await left
  }

  /** No new link is made. Those that stand end with their server. */
  close(): void {
    this.machine.leave()
  }

  #opened(link: MachineLink): void {
    const stream = new LinkStream(this.machine, link, this.#clock, (written) => this.#flushAtEnd(written))
    stream.on('error', () => {}) // Its connection hears of it, if it has one by then.
    this.#bring(stream)
  }

  #bring(stream: Duplex): void {
    if (this.listenerCount('connection') > 0) this.emit('connection', stream)
    else this.#early.push(stream)
  }

  #bringEarly(): void {
    for (const stream of this.#early.splice(0)) if (!stream.destroyed) this.emit('connection', stream)
  }

  #flushAtEnd(link: MachineLink): void {
    if (this.#dirty.size === 0) {
      this.#clock.turn(() => {
        for (const each of this.#dirty) each.flush()
        this.#dirty.clear()
      })
    }
    this.#dirty.add(link)
  }
}
