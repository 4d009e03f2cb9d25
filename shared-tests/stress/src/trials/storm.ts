/** Connection storms: thousands of clients connect at the same moment, again and again. Each gets an id of its own, and those
 * who are at work already go on. */
import type { Address } from '@switchyard/harness'
import type { Finding } from '../finding.ts'
import { PingPong } from '../load/ping-pong.ts'
import type { Trial } from '../trial.ts'

const STORMS = 3
const CLIENTS = 2_000

/** What was seen. Plain data. */
export interface Storms {
  readonly clients: number
  /** The time of each storm, from the first connect to the last id. */
  readonly seconds: readonly number[]
  readonly differentIds: number
  /** Messages that two others got through in each storm. */
  readonly othersMessages: readonly number[]
}

export const storm: Trial = {
  name: 'storm',
  async run(open) {
    await using stage = await open()
    const [here, there] = await stage.connect(2)
    const exchange = new PingPong(stage, here!, there!, 1)
    exchange.serve()
    const ids = new Set<Address>()
    const seconds: number[] = []
    const othersMessages: number[] = []
    for (let i = 0; i < STORMS; i++) {
      const begunAtMs = performance.now()
      const before = exchange.messages
      const clients = await stage.connect(CLIENTS, CLIENTS)
      seconds.push((performance.now() - begunAtMs) / 1000)
      othersMessages.push(exchange.messages - before)
      for (const { address } of clients) ids.add(address)
      await stage.leave(clients, 2)
    }
    return survived({ clients: STORMS * CLIENTS, seconds, differentIds: ids.size, othersMessages })
  },
}

export function survived({ clients, seconds, differentIds, othersMessages }: Storms): Finding {
  const moved = othersMessages.every((messages) => messages > 0)
  return {
    verdict: differentIds === clients && moved ? 'holds' : 'price-paid',
    figure: `${Math.max(...seconds).toFixed(1)} s`,
    why:
      `${clients} clients in ${seconds.length} storms got ${differentIds} different ids; ` +
      (moved ? 'others went on meanwhile' : 'others stood still meanwhile'),
    figures: { clients, seconds, differentIds, othersMessages },
  }
}
