import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Random } from '@switchyard/core'
import { totalsOf } from './books.ts'
import type { Book, Totals } from './books.ts'
import type { Cluster } from './cluster.ts'
import { planOf } from './plan.ts'
import type { Step, Trouble } from './plan.ts'
import { Talk } from './talk.ts'

/** After the last trouble everything must be accounted for by then, ms. */
const ACCOUNTS_MS = 15_000
const BETWEEN_LOOKS_MS = 50
/** Of a thousand publishes. */
const SOME = 20
const DELAY_MS = 40
const COMMAND = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url))

export interface RunResult {
  readonly seed: number
  readonly plan: readonly Step[]
  readonly totals: Totals
  readonly idsTwice: number
  /** Starts of another node under a number that is taken, which were not refused. */
  readonly rivalsServing: number
  /** From the last trouble's end until all links stood and the books were closed, ms. */
  readonly healedMs: number
  readonly unsound: readonly Book[]
}

/** One seed: traffic, the troubles of its plan, and the accounts. */
export async function runSeed(
  cluster: Cluster,
  seed: number,
  troubles: readonly Trouble[],
  burst: number,
): Promise<RunResult> {
  const plan = planOf(new Random(seed), cluster.brokers.length, cluster.nodes.length, troubles)
  using talk = new Talk(cluster, seed, burst)
  await talk.open()
  let rivalsServing = 0
  for (const step of plan) {
    await pause(step.restMs)
    if (!(await inflict(cluster, step))) rivalsServing++
  }
  const endedAt = performance.now()
  await cluster.healed()
  await talk.open()
  await pause(100)
  talk.quiet()
  const until = performance.now() + ACCOUNTS_MS
  do {
    await pause(BETWEEN_LOOKS_MS)
    await talk.ask()
  } while (talk.books.some(({ unreported }) => unreported > 0) && performance.now() < until)
  return {
    seed,
    plan,
    totals: totalsOf(talk.books),
    idsTwice: talk.ids.length - new Set(talk.ids).size,
    rivalsServing,
    healedMs: performance.now() - endedAt,
    unsound: talk.books.filter(({ sound }) => !sound),
  }
}

/** Does it, and undoes it. Returns false for a rival that was not refused. */
async function inflict(cluster: Cluster, { trouble, victim, forMs }: Step): Promise<boolean> {
  const node = cluster.nodes[victim]
  const broker = cluster.brokers[victim]
  if (trouble === 'kill-broker' && broker) {
    await broker.end('SIGKILL')
    await pause(forMs)
    await cluster.startBroker(broker)
  } else if (trouble === 'freeze-broker' && broker) {
    broker.signal('SIGSTOP')
    await pause(forMs)
    broker.signal('SIGCONT')
  } else if (node) {
    const { proxies } = node
    switch (trouble) {
      case 'kill-node':
      case 'leave':
        await node.victim.end(trouble === 'leave' ? 'SIGTERM' : 'SIGKILL')
        await pause(forMs)
        await cluster.startNode(node)
        break
      case 'freeze-node':
        node.victim.signal('SIGSTOP')
        await pause(forMs)
        node.victim.signal('SIGCONT')
        break
      case 'part':
        for (const proxy of proxies) proxy.part()
        await pause(forMs)
        for (const proxy of proxies) proxy.heal()
        break
      case 'cut':
        for (const proxy of proxies) proxy.cut()
        break
      case 'rival':
        return isRefused(node.number, proxies.map(({ port }) => `nats://127.0.0.1:${port}`).join(','))
      default:
        for (const proxy of proxies) {
          proxy.rates = {
            dropped: trouble === 'drop' ? SOME : 0,
            doubled: trouble === 'double' ? SOME : 0,
            delayMs: trouble === 'delay' ? DELAY_MS : 0,
          }
        }
        await pause(forMs)
        for (const proxy of proxies) proxy.calm()
    }
  }
  return true
}

/** Another node with that number must not come to serve. */
async function isRefused(node: number, nats: string): Promise<boolean> {
  const args = ['serve', 'reactor', '--port', '0', '--nats', nats, '--node', String(node)]
  const rival = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  let served = false
  rival.stdout.on('data', () => {
    served = true
    rival.kill('SIGKILL')
  })
  await once(rival, 'exit')
  return !served
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
