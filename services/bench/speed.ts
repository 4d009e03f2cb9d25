// How fast messages get across, beside other libraries, in one interleaved run. `npm run speed --workspace @switchyard/services`
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { liveClock, Random } from '@switchyard/core'
import { CAPACITY_ONE, UNBOUNDED } from './contestants.ts'
import type { Contestant } from './contestants.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    messages: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
})
const random = new Random(Number(values.seed))
const messages = Number(values.messages)
const rounds = Number(values.rounds)

process.stdout.write(`${cpus()[0]?.model}, Node ${process.version}; ${rounds} rounds of ${messages} messages each\n`)
for (const contestants of [CAPACITY_ONE, UNBOUNDED]) {
  const rates = await measure(contestants)
  const [ours = []] = rates
  for (const [index, { name }] of contestants.entries()) {
    const theirs = rates[index] ?? []
    const ratios = theirs.map((rate, round) => (ours[round] ?? 0) / rate)
    const faster = index === 0 ? '' : `; ours is ${spread(ratios)} times as fast`
    process.stdout.write(`${name}: ${spread(theirs.map((rate) => rate / 1e6))} M messages/s${faster}\n`)
  }
}

/** Messages a second, by contestant and round. Each round has another order; one round before the first is not counted. */
async function measure(contestants: readonly Contestant[]): Promise<number[][]> {
  const rates = contestants.map((): number[] => [])
  for (let round = -1; round < rounds; round++) {
    for (const index of shuffled(contestants.length)) {
      const start = liveClock.now()
      await contestants[index]!.run(messages)
      if (round >= 0) rates[index]!.push(messages / ((liveClock.now() - start) / 1000))
    }
  }
  return rates
}

function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1)
    ;[order[last], order[other]] = [order[other]!, order[last]!]
  }
  return order
}

/** The median, and an interval that holds the true one in 95 of 100 runs, whatever the distribution (order statistics). */
function spread(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = 0.98 * Math.sqrt(sorted.length)
  const rank = (at: number): string => sorted[Math.max(0, Math.min(sorted.length - 1, Math.round(at)))]!.toFixed(2)
  const middle = (sorted.length - 1) / 2
  return `${rank(middle)} [${rank(middle - half)}, ${rank(middle + half)}]`
}
