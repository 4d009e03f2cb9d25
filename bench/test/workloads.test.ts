import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { ROUTER } from '@switchyard/protocols/router/suite'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WORKLOADS } from '../src/index.ts'
import { crowdRelay } from '../src/load/dialects/crowd-relay.ts'
import { nats } from '../src/load/dialects/nats.ts'
import { relay } from '../src/load/dialects/relay.ts'
import { dialectOf } from '../src/load/dialects.ts'
import { fanOut } from '../src/load/fan-out.ts'
import { generate } from '../src/load/generator.ts'
import type { Generated, Load } from '../src/load/generator.ts'
import { decoded } from '../src/load/latencies.ts'
import { scheduleOf } from '../src/load/kinds/schedule.ts'
import { LongestGap } from '../src/load/kinds/longest-gap.ts'
import { crowdYardstick } from '../src/process/crowd-yardstick.ts'
import { yardstick } from '../src/process/yardstick.ts'
import { listening, router, TINY_DIALECT } from './support.ts'

const SHORT = { warmupMs: 20, measureMs: 80, pairs: 3, messageBytes: 32 } as const

describe('spread traffic', () => {
  it.each(['spread', 'hot'] as const)('%s: every message arrives where it is addressed to', async (destinations) => {
    const perReceiver = new Map<number, number>()
    await using server = await router((to, message, id) => {
      perReceiver.set(id, (perReceiver.get(id) ?? 0) + 1)
      to.write(message)
    })
    const { messages } = await run(server.port, { workload: 'pipelined', destinations, burstMessages: 30 })
    expect(messages).toBeGreaterThan(0)
    const counts = [...perReceiver.values()]
    expect(counts).toHaveLength(destinations === 'hot' ? 1 : SHORT.pairs)
    expect(new Set(counts).size, 'each receiver gets as many').toBe(1)
  })

  it('is found out to arrive at the wrong receiver', async () => {
    let last: Socket | undefined
    await using server = await router((to, message) => {
      void (last ?? to).write(message)
      last = to
    })
    await expect(run(server.port, { workload: 'pipelined', destinations: 'spread' })).rejects.toThrow('other bytes')
  })

  it('consecutive messages of a sender go to different receivers', async () => {
    const orders = new Map<number, number[]>()
    await using server = await router((to, message, id, from) => {
      orders.set(from, [...(orders.get(from) ?? []), id])
      to.write(message)
    })
    await run(server.port, { workload: 'pipelined', destinations: 'spread', burstMessages: 6, measureMs: 20 })
    expect(orders.size).toBe(SHORT.pairs)
    for (const order of orders.values()) {
      for (const [at, id] of order.slice(1).entries()) expect(id).not.toBe(order[at])
    }
  })
})

describe('a burst', () => {
  it('is the next one only when the last has arrived whole', async () => {
    let underWay = 0
    let most = 0
    await using server = await router((to, message) => {
      most = Math.max(most, ++underWay)
      setImmediate(() => {
        underWay--
        to.write(message)
      })
    })
    await run(server.port, { workload: 'pipelined', pairs: 1, burstMessages: 5, windowBursts: 1 })
    expect(most).toBe(5)
  })
})

describe('an open loop', () => {
  const load = { workload: 'open-loop', messagesPerSecond: 500, seed: 3 } as const

  it('sends what is due, and times it from then', async () => {
    await using server = await router()
    const { messages, latencies } = await run(server.port, { ...load, measureMs: 200 })
    expect(latencies?.offered).toBeGreaterThan(50)
    // What is due before an edge of the measured time and arrives behind it: the rate times how late it is, at most.
    const late = (load.messagesPerSecond * longestMs(latencies?.response)) / 1000
    expect(Math.abs(messages - (latencies?.offered ?? 0))).toBeLessThan(10 + 2 * late)
    expect(decoded(latencies?.response ?? '').totalCount).toBe(latencies?.offered)
    expect(decoded(latencies?.service ?? '').totalCount).toBe(latencies?.offered)
    expect(decoded(latencies?.lag ?? '').totalCount).toBe(latencies?.offered)
  })

  it('lets nobody off who stands still: what was due meanwhile is late', async () => {
    // From the first message on that comes when the measured time has begun, all are kept for a while.
    let kept: (() => void)[] | undefined
    const release = (): void => {
      for (const write of kept ?? []) write()
      kept = undefined
    }
    await using server = await router((to, message) => {
      if (!kept) return void to.write(message)
      if (kept.length === 0) setTimeout(release, 150)
      kept.push(() => to.write(message))
    })
    const { latencies, longestSilenceMs } = await run(
      server.port,
      { ...load, measureMs: 300 },
      { begun: () => void (kept = []) },
    )
    // Less than 150: the first one kept may still be the warm-up's, which is not counted.
    expect(longestMs(latencies?.response)).toBeGreaterThan(100)
    expect(longestSilenceMs).toBeGreaterThan(100)
  })

  it('counts from when a message was due, also where the generator itself was late', async () => {
    await using server = await router()
    const { latencies } = await run(
      server.port,
      { ...load, measureMs: 300 },
      {
        begun() {
          const until = performance.now() + 120
          while (performance.now() < until);
        },
      },
    )
    expect(longestMs(latencies?.response)).toBeGreaterThan(60)
    expect(longestMs(latencies?.lag)).toBeGreaterThan(60)
    expect(decoded(latencies?.service ?? '').mean).toBeLessThan(decoded(latencies?.response ?? '').mean)
  })

  it('needs a rate', async () => {
    await expect(run(1, { workload: 'open-loop' })).rejects.toThrow('messagesPerSecond')
  })
})

describe('the company of the pairs', () => {
  it('idle clients are connected before anything is sent, and say nothing', async () => {
    const server = await router()
    await using _ = server
    let connected = 0
    await run(
      server.port,
      { workload: 'round-trips', idleClients: 20 },
      {
        async ready() {
          connected = server.sockets.size
          expect(server.delivered()).toBe(0)
        },
      },
    )
    expect(connected).toBe(2 * SHORT.pairs + 20)
  })

  it('stalled readers are flooded from the measured time on, and do not end the run when the server ends them', async () => {
    const bytes = new Map<number, number>()
    let begun = false
    await using server = await router((to, message, id) => {
      bytes.set(id, (bytes.get(id) ?? 0) + message.length)
      if (message.length > SHORT.messageBytes) {
        expect(begun).toBe(true)
        if (bytes.get(id)! > 100_000) to.destroy()
      } else {
        to.write(message)
      }
    })
    const { messages } = await run(
      server.port,
      { workload: 'open-loop', messagesPerSecond: 500, stalledReaders: 2, measureMs: 300 },
      { begun: () => void (begun = true) },
    )
    expect(messages).toBeGreaterThan(0)
    expect([...bytes.values()].filter((count) => count > 100_000)).toHaveLength(2)
  })
})

describe('the yardstick', () => {
  it('gives each connection its number, and what one of a pair writes to the other, as it is', async () => {
    await using server = await relaying()
    const first = connect(server.port, '127.0.0.1')
    const id = await chunkOf(first)
    const second = connect(server.port, '127.0.0.1')
    expect([...id, ...(await chunkOf(second))]).toEqual([0, 0, 0, 1, 0, 0, 0, 2])
    first.write('no id, no NUL')
    expect((await chunkOf(second)).toString()).toBe('no id, no NUL')
    second.write('back')
    expect((await chunkOf(first)).toString()).toBe('back')
    second.destroy()
    await new Promise((resolve) => first.once('close', resolve))
  })

  it.each([
    { workload: 'pipelined' },
    { workload: 'pipelined', destinations: 'spread' },
    { workload: 'pipelined', destinations: 'hot' },
    { workload: 'round-trips' },
    { workload: 'open-loop', messagesPerSecond: 300 },
  ] as const)('carries %o, and all of it arrives', async (load) => {
    await using server = await relaying()
    expect((await run(server.port, load, {}, relay)).messages).toBeGreaterThan(0)
  })

  it('of fan-out carries what one of a group says to all of that group, and to nobody else', async () => {
    await using server = await relaying(crowdYardstick())
    const load = { groups: 2, members: 3, talkers: 2, burstMessages: 2, windowMessages: 6, messageBytes: 50 }
    const phases = { begun: () => {}, over: () => {} }
    const { messages } = await fanOut(server.port, { ...load, warmupMs: 5, measureMs: 30 }, phases, crowdRelay)
    expect(messages).toBeGreaterThan(0)
  })
})

describe('dialects', () => {
  it('NATS: subscribes, publishes, and answers a question that stands between messages', async () => {
    const pongs: string[] = []
    let clients = 0
    const subscribers = new Map<string, Socket>()
    await using server = await listening((socket) => {
      let rest = ''
      const first = ++clients === 1
      socket.on('data', (chunk: Buffer) => {
        rest += chunk.toString('latin1')
        for (;;) {
          const line = /^(\w+)(?: ([^\r]*))?\r\n/.exec(rest)
          if (!line) return
          const [all, verb = '', args = ''] = line
          const size = verb === 'PUB' ? Number(args.split(' ')[1]) + 2 : 0
          if (rest.length < all.length + size) return
          const body = rest.slice(all.length, all.length + size)
          rest = rest.slice(all.length + size)
          if (verb === 'SUB') subscribers.set(args.split(' ')[0] ?? '', socket)
          if (verb === 'PING') socket.write('PONG\r\n')
          if (verb === 'PONG') pongs.push(args)
          const [subject = '', bytes] = args.split(' ')
          if (verb === 'PUB') {
            const aside = first && pongs.length === 0 ? 'PING\r\n' : ''
            subscribers.get(subject)?.write(`${aside}MSG ${subject} 1 ${bytes}\r\n${body}`, 'latin1')
          }
        }
      })
    }, 'INFO {}\r\n')
    const { messages } = await run(server.port, { workload: 'round-trips' }, {}, nats)
    expect(messages).toBeGreaterThan(0)
    expect(pongs.length).toBeGreaterThan(0)
  })

  it("a reader's own comes from a module; one that exports none is said to", async () => {
    const own = await dialectOf(TINY_DIALECT.href)
    const talk = own.pair({ address: 1 }, { address: 2 })
    expect(talk.message(8, 2)).toHaveLength(12)
    await expect(dialectOf('node:path')).rejects.toThrow('node:path has no dialect')
  })
})

describe('a schedule', () => {
  const given = fc.record({
    rate: fc.integer({ min: 1, max: 20_000 }),
    durationMs: fc.integer({ min: 1, max: 300 }),
    pairs: fc.integer({ min: 1, max: 40 }),
    seed: fc.nat(),
  })

  it('is the same for the same seed, in order, inside of its time, and of all pairs together', () => {
    fc.assert(
      fc.property(given, ({ rate, durationMs, pairs, seed }) => {
        const one = scheduleOf(rate, durationMs, pairs, seed)
        expect(scheduleOf(rate, durationMs, pairs, seed).atMs).toEqual(one.atMs)
        expect([...one.atMs].every((at, i) => at > 0 && at < durationMs && at >= (one.atMs[i - 1] ?? 0))).toBe(true)
        const all = Array.from({ length: pairs }, (_, pair) => [...one.ofPair(pair)]).flat()
        expect(all.toSorted((a, b) => a - b)).toEqual([...one.atMs.keys()])
        expect(one.dueBetween(0, durationMs)).toBe(one.count)
      }),
    )
  })

  it('has as many messages as its rate', () => {
    expect(scheduleOf(10_000, 10_000, 4, 1).count / 100_000).toBeCloseTo(1, 1)
  })
})

describe('the longest gap', () => {
  it('counts the edges too', () => {
    const gap = new LongestGap()
    gap.heard(5)
    gap.begin(10)
    gap.heard(13)
    gap.heard(14)
    expect(gap.end(20)).toBe(6)
    gap.begin(30)
    expect(gap.end(37)).toBe(7)
  })
})

describe('the workloads', () => {
  it('have names of their own, and are found in a family by one number', () => {
    expect(new Set(WORKLOADS.map(({ name }) => name)).size).toBe(WORKLOADS.length)
    for (const { family, at } of WORKLOADS) expect(at === undefined).toBe(family === 'traffic')
  })

  it('have what was promised: sizes, pairs, idle clients, stalled readers', () => {
    const all = WORKLOADS.map(({ load }) => load)
    expect(new Set(all.map(({ messageBytes }) => messageBytes))).toEqual(new Set([32, 1024, 65_536]))
    for (const pairs of [1, 16, 128, 1000]) expect(all.some((load) => load.pairs === pairs)).toBe(true)
    expect(familyOf('idle')).toEqual([0, 1000, 5000])
    expect(familyOf('stalled')).toEqual([0, 1, 2, 4, 8])
  })
})

function longestMs(encoded: string | null | undefined): number {
  return decoded(encoded ?? '').maxValue / 10_000
}

function familyOf(name: string): (number | undefined)[] {
  return WORKLOADS.filter(({ family }) => family === name).map(({ at }) => at)
}

function run(
  port: number,
  load: Partial<Load> & Pick<Load, 'workload'>,
  phases: Partial<Parameters<typeof generate>[2]> = {},
  dialect: Parameters<typeof generate>[3] = ROUTER.dialect,
): Promise<Generated> {
  return generate(port, { ...SHORT, ...load }, { begun() {}, over() {}, ...phases }, dialect)
}

async function relaying(server = yardstick()): Promise<AsyncDisposable & { port: number }> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server),
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

function chunkOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => socket.once('data', resolve))
}
