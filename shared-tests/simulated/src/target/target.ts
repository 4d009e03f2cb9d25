import type { Duplex } from 'node:stream'
import { liveClock, Random } from '@switchyard/core'
import type { Limits, Pattern, Role, Server, StatisticsSnapshot } from '@switchyard/core'
import type { Buffers } from '@switchyard/sim'
import { Failed, lookAt, optionsOf, Unreachable } from '@switchyard/conformance/portable'
import { settlesWithin } from '@switchyard/harness/portable'
import type { Look, Site, Suite, Target } from '@switchyard/conformance/portable'
import { Network } from './network.ts'

export interface SimulatedOptions {
  /** Default: 2 MiB each way, the order of magnitude of a real kernel's: there are cases that count on it. */
  readonly buffers?: Buffers
  /** Seed of the order in which things happen. Default 1. */
  readonly seed?: number
}

const BUFFERS: Buffers = { receiveBytes: 2 * 1024 * 1024, sendBytes: 2 * 1024 * 1024 }

/** A pattern on a simulated network: a fresh one for each case, and time that only the case moves. */
export function simulated(
  suite: Pick<Suite, 'create' | 'options' | 'servedBy'>,
  pattern: Pattern,
  { buffers = BUFFERS, seed = 1 }: SimulatedOptions = {},
): Target {
  return {
    name: `${pattern.name}, simulated`,
    offers: ['wire', 'limits', 'signal', 'statistics', 'roles'],
    ...(pattern.fails && { fails: pattern.fails }),
    async open(limits, { options } = { needs: [] }) {
      const network = new Network(buffers, seed)
      const protocol = suite.create({
        limits,
        options: optionsOf(suite, options),
        random: new Random(seed),
        port: 0,
        shutDown: () => queueMicrotask(() => void site.shutdown()),
      })
      const server = (suite.servedBy?.(pattern) ?? pattern).serve(protocol, network.listener, {
        ...limits,
        clock: network.clock,
      })
      const site = new SimulatedSite(server, network, limits)
      return site
    },
    async [Symbol.asyncDispose]() {},
  }
}

class SimulatedSite implements Site {
  /** Nothing simulated needs real time; a case's own promises get this much, ms. */
  readonly patienceMs = 100
  readonly #server: Server
  readonly #network: Network
  readonly #limits: Limits

  constructor(server: Server, network: Network, limits: Limits) {
    this.#server = server
    this.#network = network
    this.#limits = limits
  }

  async connect(role?: Role): Promise<Duplex> {
    const socket = this.#network.connect(role)
    if (socket) return socket
    throw new Unreachable('the server has stopped listening')
  }

  pass(ms: number): Promise<void> {
    return this.#network.pass(ms)
  }

  /** Here it is a fact. */
  settled(): Promise<void> {
    return this.#network.atRest()
  }

  statistics(): StatisticsSnapshot {
    return this.#server.statistics()
  }

  look(): Look {
    return lookAt(this.#server)
  }

  everyTurn(look: () => void): () => void {
    let looking = true
    const again = (): void => {
      if (!looking) return
      look()
      liveClock.turn(again)
    }
    liveClock.turn(again)
    return () => {
      looking = false
    }
  }

  shutdown(): Promise<void> {
    const end = this.#server.shutdown()
    this.#network.wake()
    return end
  }

  /** The clients have left: by the end of its grace the server is over and holds nothing, or the case has found a leak. */
  async release(): Promise<void> {
    const end = this.shutdown()
    await this.pass(this.#limits.graceMs)
    if (!(await settlesWithin(this.patienceMs, end))) {
      throw new Failed(
        `after its clients had left, the server did not shut down within ${this.#limits.graceMs} ms`,
        'late',
      )
    }
    const { held, connections } = this.statistics()
    if (held.total === 0 && connections.open === 0) return
    const rest = `${connections.open} connections, and bytes held: ${JSON.stringify(held)}`
    throw new Failed(`after its end the server still counts ${rest}`, 'left-over')
  }

  async account(): Promise<string> {
    const { held, connections } = this.statistics()
    return (
      `  server: ${this.#server.waits.render().replaceAll('\n', '\n          ')}\n` +
      `  server: ${connections.open} connections, bytes held ${JSON.stringify(held)}`
    )
  }
}
