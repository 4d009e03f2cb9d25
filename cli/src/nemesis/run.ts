import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Random } from '@switchyard/core'
import { totalsOf } from './books.ts'
import type { Book, Totals } from './books.ts'
import type { Cluster, ClusterNode } from './cluster.ts'
import { planOf } from './plan.ts'
import type { Step, Trouble } from './plan.ts'
import type { Victim } from './process.ts'
import type { Rates } from './proxy.ts'
import { Talk } from './talk.ts'

/** After the last trouble everything must be accounted for by then, ms. */
const ACCOUNTS_MS = 15_000
const BETWEEN_LOOKS_MS = 50
/** Drops and doubles are of a thousand publishes. */
const RATES: Readonly<Record<'drop' | 'double' | 'delay', Rates>> = {
  drop: { dropped: 20, doubled: 0, delayMs: 0 },
  double: { dropped: 0, doubled: 20, delayMs: 0 },
  delay: { dropped: 0, doubled: 0, delayMs: 40 },
}
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
  /** The longest time in which a receiver heard nothing, to the last message of its connection, ms. */
  readonly gapMs: number
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
    idsTwice: talk.ids.filter((id) => !cluster.isNew(id)).length,
    rivalsServing,
    healedMs: performance.now() - endedAt,
    gapMs: talk.gapMs,
    unsound: talk.books.filter(({ sound }) => !sound),
  }
}

/** Does it, and undoes it. Returns false for a rival that was not refused. */
async function inflict(cluster: Cluster, { trouble, victim, forMs }: Step): Promise<boolean> {
  const node = cluster.nodes[victim % cluster.nodes.length]
  const broker = cluster.brokers[victim % cluster.brokers.length]
  if (!node || !broker) throw new Error('a cluster has a node and a broker')
  const { proxies } = node
  switch (trouble) {
    case 'kill-broker':
      await broker.end('SIGKILL')
      await pause(forMs)
      await cluster.startBroker(broker)
      return true
    case 'freeze-broker':
      await freeze(broker, forMs)
      return true
    case 'freeze-node':
      await freeze(node.victim, forMs)
      return true
    case 'kill-node':
    case 'leave':
      await node.victim.end(trouble === 'leave' ? 'SIGTERM' : 'SIGKILL')
      await pause(forMs)
      await cluster.startNode(node)
      return true
    case 'alone':
      await startAlone(cluster, node)
      return true
    case 'part':
      for (const proxy of proxies) proxy.part()
      await pause(forMs)
      for (const proxy of proxies) proxy.heal()
      return true
    case 'cut':
      for (const proxy of proxies) proxy.cut()
      return true
    case 'drop':
    case 'double':
    case 'delay':
      for (const proxy of proxies) proxy.rates = RATES[trouble]
      await pause(forMs)
      for (const proxy of proxies) proxy.calm()
      return true
    case 'rival':
      return isRefused(node.number, proxies.map(({ port }) => `nats://127.0.0.1:${port}`).join(','), cluster.folder)
  }
}

/** It starts again, and serves, while it hears no other: they are parted from the broker until then. */
async function startAlone(cluster: Cluster, node: ClusterNode): Promise<void> {
  const others = cluster.nodes.filter((other) => other !== node).flatMap(({ proxies }) => proxies)
  for (const proxy of others) proxy.part()
  await node.victim.end('SIGKILL')
  await cluster.startNode(node)
  for (const proxy of others) proxy.heal()
}

async function freeze(process: Victim, forMs: number): Promise<void> {
  process.signal('SIGSTOP')
  await pause(forMs)
  process.signal('SIGCONT')
}

/** Another node with that number must not come to serve. */
async function isRefused(node: number, nats: string, folder: string): Promise<boolean> {
  const ids = join(folder, 'ids-of-a-rival')
  const args = ['serve', 'reactor', '--port', '0', '--nats', nats, '--node', String(node), '--node-ids', ids]
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
