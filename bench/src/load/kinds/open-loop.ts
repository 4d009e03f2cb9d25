import type { Stage, Workload } from '../generator.ts'
import { Times } from '../latencies.ts'
import type { Pair } from './pairs.ts'
import { scheduleOf } from './schedule.ts'

/**
 * Messages are sent when the schedule says so, and each one's time counts from there: a server that stands still makes
 * every message late that it kept from being sent, as it would for clients who do not know of each other.
 *
 * The loop looks at the clock in every turn and never sleeps, since a timer would be late by a millisecond. So the
 * generator's CPU says nothing here; how late it was itself is counted.
 */
export function openLoop({ load, pairs, dialect, longestGap, fail }: Stage): Workload {
  const { warmupMs, measureMs, messageBytes, messagesPerSecond = 1, seed = 1 } = load
  const schedule = scheduleOf(messagesPerSecond, warmupMs + measureMs, pairs.length, seed)
  const sentAtMs = new Float64Array(schedule.count)
  const response = new Times()
  const service = new Times()
  const lag = new Times()
  let startedAtMs = 0
  let next = 0
  let arrived = 0
  let allArrived = (): void => {}

  const messages = pairs.map(({ sender, receiver, fill }) => dialect.pair(sender, receiver).message(messageBytes, fill))
  pairs.forEach((pair, index) => receive(pair, schedule.ofPair(index)))

  function receive({ sender, receiver, fill }: Pair, due: Uint32Array): void {
    const incoming = dialect.pair(sender, receiver).incoming(messageBytes, fill)
    receiver.received = (bytes) => {
      let at = incoming.messages
      if (!incoming.take(bytes)) return fail(new Error('a client got other bytes than were sent to it'))
      const now = performance.now()
      longestGap.heard(now)
      for (; at < incoming.messages; at++) {
        const message = due[at]
        if (message === undefined) return fail(new Error('a client got more than was sent to it'))
        arrived++
        const dueAtMs = schedule.atMs[message]!
        if (dueAtMs < warmupMs) continue
        response.add(now - startedAtMs - dueAtMs)
        service.add(now - sentAtMs[message]!)
        lag.add(sentAtMs[message]! - startedAtMs - dueAtMs)
      }
      if (arrived === schedule.count) allArrived()
    }
  }

  function send(): void {
    const now = performance.now()
    while (next < schedule.count && schedule.atMs[next]! <= now - startedAtMs) {
      const pair = schedule.pair[next]!
      sentAtMs[next] = now
      next++
      pairs[pair]!.sender.write(messages[pair]!)
    }
    if (next < schedule.count) setImmediate(send)
  }

  return {
    start() {
      startedAtMs = performance.now()
      send()
    },
    begin() {},
    end() {},
    /** The schedule is over by itself: all of it is sent, and what comes late counts as late. */
    async finish() {
      if (arrived === schedule.count) return
      await new Promise<void>((resolve) => {
        allArrived = resolve
      })
    },
    arrived: () => arrived,
    latencies: () => ({
      response: response.encoded(),
      service: service.encoded(),
      lag: lag.encoded(),
      offered: schedule.dueBetween(warmupMs, warmupMs + measureMs),
    }),
  }
}
