import type { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { liveClock, ManualClock, Random } from '@switchyard/core'
import type { Limits, Pattern, Server, StatisticsSnapshot } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Failed } from '../failed.ts'
import { lookAt } from '../standstill.ts'
import type { Look } from '../standstill.ts'
import { optionsOf } from '../suite.ts'
import type { Suite } from '../suite.ts'
import type { Site, Target } from './target.ts'
import { connectTcp } from './sockets.ts'
import { settlesWithin, unmoved } from '@switchyard/harness/portable'

/** Looks without a change, 2 ms and at least one turn apart, after which a server in this process counts as at rest. */
const LOOKS = 10

/** A pattern in this process: a fresh server on loopback for each case, and time that only the case moves. */
export function inProcess(suite: Pick<Suite, 'create' | 'options' | 'servedBy'>, pattern: Pattern): Target {
  return {
    name: pattern.name,
    offers: ['wire', 'limits', 'signal', 'statistics'],
    ...(pattern.fails && { fails: pattern.fails }),
    async open(limits, { options } = { needs: [] }) {
      const listener = await listen()
      const clock = new ManualClock()
      try {
        const protocol = suite.create({
          limits,
          options: optionsOf(suite, options),
          random: new Random(1),
          port: portOf(listener),
          shutDown: () => queueMicrotask(() => void server.shutdown()),
        })
        const server = (suite.servedBy?.(pattern) ?? pattern).serve(protocol, listener, { ...limits, clock })
        return new InProcessSite(server, listener, clock, limits)
      } catch (error) {
        listener.close()
        throw error
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

class InProcessSite implements Site {
  readonly patienceMs = 1_500
  readonly #server: Server
  readonly #port: number
  readonly #clock: ManualClock
  readonly #limits: Limits

  constructor(server: Server, listener: NetServer, clock: ManualClock, limits: Limits) {
    this.#server = server
    this.#port = portOf(listener)
    this.#clock = clock
    this.#limits = limits
  }

  connect(): Promise<Duplex> {
    return connectTcp('127.0.0.1', this.#port)
  }

  async pass(ms: number): Promise<void> {
    this.#clock.advance(ms)
  }

  settled(progress: () => string): Promise<void> {
    return unmoved(() => `${progress()} ${fingerprint(this.#server.statistics())}`, LOOKS)
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
    return this.#server.shutdown()
  }

  /** The clients have left: by the end of its grace the server is over and holds nothing, or the case has found a leak. */
  async release(): Promise<void> {
    const end = this.#server.shutdown()
    await Promise.race([end, this.settled(() => '')])
    this.#clock.advance(this.#limits.graceMs)
    if (!(await settlesWithin(this.patienceMs, end))) {
      throw new Failed(
        `after its clients had left, the server did not shut down within ${this.#limits.graceMs} ms`,
        'late',
      )
    }
    const { held, connections } = this.#server.statistics()
    if (held.total !== 0 || connections.open !== 0) {
      throw new Failed(
        `after its end the server still counts ${connections.open} connections, and bytes held: ${JSON.stringify(held)}`,
        'left-over',
      )
    }
  }

  account(): string {
    const { held, connections } = this.#server.statistics()
    return (
      `  server: ${this.#server.waits.render().replaceAll('\n', '\n          ')}\n` +
      `  server: ${connections.open} connections, bytes held ${JSON.stringify(held)}`
    )
  }
}

/** Whatever changes when anything moves. */
function fingerprint({ bytesIn, bytesOut, held, connections, drops }: StatisticsSnapshot): string {
  return JSON.stringify([bytesIn, bytesOut, held, connections, drops])
}
