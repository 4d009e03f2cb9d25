import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Random } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import type { NodeStatus } from '../operating/nodes.ts'
import { BrokerProxy } from './proxy.ts'
import { Victim } from './process.ts'

const COMMAND = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url))
/** How long links may take to stand again once everything runs, ms. */
const HEAL_MS = 20_000
const BETWEEN_LOOKS_MS = 25

/** A node in a process of its own, behind a proxy for each broker. */
export interface ClusterNode {
  readonly number: number
  readonly victim: Victim
  readonly port: number
  readonly statsPort: number
  readonly proxies: readonly BrokerProxy[]
}

/** Brokers and nodes of one pattern, each a process. */
export class Cluster implements AsyncDisposable {
  readonly brokers: readonly Victim[]
  readonly nodes: readonly ClusterNode[]
  /** Where nodes remember their ids. */
  readonly folder: string
  /** That clients of this and of earlier runs were given. */
  readonly #ids = new Set<number>()

  private constructor(brokers: readonly Victim[], nodes: readonly ClusterNode[], folder: string) {
    this.brokers = brokers
    this.nodes = nodes
    this.folder = folder
  }

  static async start(pattern: string, brokerCount: number, nodeCount: number, random: Random): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-nemesis-'))
    const ports = await freePorts(2 * brokerCount)
    const [clientPorts, routePorts] = [ports.slice(0, brokerCount), ports.slice(brokerCount)]
    const brokers = clientPorts.map((port, index) => new Victim('nats-server', brokerArgs(port, index, routePorts)))
    const nodes: ClusterNode[] = []
    for (let number = 1; number <= nodeCount; number++) {
      const proxies = await Promise.all(clientPorts.map((port) => BrokerProxy.listen(port, random)))
      const [port = 0, statsPort = 0] = await freePorts(2)
      const nats = proxies.map((proxy) => `nats://127.0.0.1:${proxy.port}`).join(',')
      const args = ['serve', pattern, '--port', port, '--stats-port', statsPort, '--nats', nats, '--node', number]
      args.push('--node-ids', join(folder, `ids-${number}`))
      const victim = new Victim(process.execPath, [COMMAND, ...args.map(String), '--log-level', 'error'])
      nodes.push({ number, victim, port, statsPort, proxies })
    }
    const cluster = new Cluster(brokers, nodes, folder)
    try {
      await Promise.all(brokers.map((broker) => cluster.startBroker(broker)))
      await Promise.all(nodes.map((node) => cluster.startNode(node)))
      await cluster.healed()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  /** False if a client was given this id before. */
  isNew(id: number): boolean {
    const known = this.#ids.size
    return this.#ids.add(id).size > known
  }

  startBroker(broker: Victim): Promise<void> {
    return broker.start('Server is ready')
  }

  startNode({ victim }: ClusterNode): Promise<void> {
    return victim.start('its ids begin at')
  }

  async statusOf({ statsPort }: ClusterNode): Promise<NodeStatus> {
    const answer = await fetch(`http://127.0.0.1:${statsPort}/nodes`)
    const status: NodeStatus = JSON.parse(await answer.text())
    return status
  }

  /** Settles when every node is linked to every other. Rejects if that takes too long. */
  async healed(): Promise<void> {
    const until = performance.now() + HEAL_MS
    for (;;) {
      const states = await Promise.all(this.nodes.map((node) => this.statusOf(node).catch(() => undefined)))
      const standing = states.map((status) => status?.peers.filter(({ state }) => state === 'linked').length ?? 0)
      if (standing.every((count) => count === this.nodes.length - 1)) return
      if (performance.now() > until)
        throw new Error(`links did not stand again within ${HEAL_MS} ms: ${standing.join(', ')}`)
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.nodes.flatMap(({ victim, proxies }) => [victim, ...proxies].map((each) => each[Symbol.asyncDispose]())),
    )
    await Promise.all(this.brokers.map((broker) => broker[Symbol.asyncDispose]()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

function brokerArgs(port: number, index: number, routePorts: readonly number[]): readonly string[] {
  const own = ['-a', '127.0.0.1', '-p', String(port), '-n', `broker-${index + 1}`]
  if (routePorts.length === 1) return own
  const routes = routePorts.filter((_, other) => other !== index).map((other) => `nats://127.0.0.1:${other}`)
  return [
    ...own,
    '--cluster_name',
    'nemesis',
    '--cluster',
    `nats://127.0.0.1:${routePorts[index] ?? 0}`,
    '--routes',
    routes.join(','),
  ]
}

async function freePorts(count: number): Promise<readonly number[]> {
  const listeners = await Promise.all(Array.from({ length: count }, () => listen()))
  const ports = listeners.map(portOf)
  await Promise.all(listeners.map((listener) => new Promise((resolve) => listener.close(resolve))))
  return ports
}
