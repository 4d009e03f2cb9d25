import { createHash, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { JoinError, NodeLinks, NodeLinksOptions } from '@switchyard/adapters/nats'
import type { Limits } from '@switchyard/core'
import { firstIdOf, lastIdOf, nodeOf, NodeRouter, NODES_MAX, OwnIds } from '@switchyard/protocols/nodes'
import type { IdMemory, NodesSnapshot, PeerSnapshot } from '@switchyard/protocols/nodes'
import { Option } from 'commander'
import type { Command } from 'commander'
import { Failure, Misuse } from '../exit.ts'
import { wholeNumberOption } from '../options.ts'
import { IdsFile, usualIdsFile } from './ids-file.ts'

/** Where the secret of a cluster is looked for: arguments are for everybody to see. */
const SECRET = 'SWITCHYARD_CLUSTER_SECRET'
const CLUSTER = 'switchyard'
/** In a URL, between the slashes and the host. */
const LOGIN = /\/\/([^:@/]*)(?::([^@/]*))?@/
/** A part of milliseconds, so that two runs that start together differ. */
const EPOCH_PARTS = 1024

export interface BrokerFlags {
  readonly nats?: string
  readonly cluster?: string
  readonly natsCreds?: string
  readonly natsTlsCa?: string
}

export interface NodeFlags extends BrokerFlags {
  readonly node?: number
  readonly nodeIds?: string
}

/** What a node tells of itself and of the others. */
export interface NodeStatus extends Omit<NodesSnapshot, 'peers'> {
  /** `queuedBytes`: sent over the link and not taken by the other node. */
  readonly peers: readonly (PeerSnapshot & { readonly queuedBytes: number })[]
  readonly cluster: string
  readonly broker: { readonly state: 'connected' | 'away'; readonly server: string }
  /** Nodes that are heard. */
  readonly heard: readonly number[]
}

export function addBrokerOptions(command: Command, usual: string): Command {
  return command
    .addOption(
      new Option('--nats <urls>', `joins nodes by NATS: nats://host:port, several with commas; default: ${usual}`).env(
        'SWITCHYARD_NATS',
      ),
    )
    .addOption(
      new Option('--cluster <name>', `nodes of one name are joined; default: ${CLUSTER}`).env('SWITCHYARD_CLUSTER'),
    )
    .option('--nats-creds <file>', 'credentials for the broker')
    .option('--nats-tls-ca <file>', 'speaks TLS with the broker, whose certificate one of these (PEM) has signed')
}

export function addNodeOptions(command: Command): Command {
  return addBrokerOptions(command, 'none, a server of its own')
    .addOption(
      wholeNumberOption('--node <n>', "this node's number, which no other has", [1, NODES_MAX]).env('SWITCHYARD_NODE'),
    )
    .option(
      '--node-ids <file>',
      'remembers there which ids were given, for a restart when no other node is heard; default: one of this user',
    )
}

/** Throws Misuse for a cluster's name that can't be one, and for files that can't be read. */
export function brokerFrom(
  { nats, cluster = CLUSTER, natsCreds, natsTlsCa }: BrokerFlags,
  usual = '',
): Pick<NodeLinksOptions, 'servers' | 'cluster' | 'login' | 'credentials' | 'tlsCaFile'> {
  if (!/^[\w-]+$/.test(cluster)) throw new Misuse(`--cluster is "${cluster}": it must be letters, digits, - and _.`)
  const urls = (nats ?? usual).split(',').map((url) => url.trim())
  const login = urls.map(loginIn).find((each) => each !== undefined)
  return {
    servers: urls.map(withoutLogin),
    cluster,
    ...(login && { login }),
    ...(natsCreds !== undefined && { credentials: read('--nats-creds', natsCreds) }),
    ...(natsTlsCa !== undefined && { tlsCaFile: readable('--nats-tls-ca', natsTlsCa) }),
  }
}

/** `nats://user:password@host` or `nats://token@host`. The client does not look there; the first one is everybody's. */
function loginIn(url: string): NodeLinksOptions['login'] {
  const [, user = '', pass] = LOGIN.exec(url) ?? []
  if (user === '') return undefined
  try {
    const name = decodeURIComponent(user)
    return pass === undefined ? { token: name } : { user: name, pass: decodeURIComponent(pass) }
  } catch (error) {
    throw new Misuse('--nats has a user or password with a % that begins no character: write it as %25.', {
      cause: error,
    })
  }
}

/** What is printed, logged and told to whoever asks has no password in it. */
function withoutLogin(url: string): string {
  return url.replace(LOGIN, '//')
}

/** A server that is one of several nodes. */
export class JoinedNode implements AsyncDisposable {
  readonly links: NodeLinks
  readonly protocol: NodeRouter
  readonly limits: Pick<Limits, 'idsMax'>
  readonly firstId: number
  readonly #cluster: string

  private constructor(links: NodeLinks, protocol: NodeRouter, cluster: string, node: number, firstId: number) {
    this.links = links
    this.protocol = protocol
    this.limits = { idsMax: lastIdOf(node) }
    this.firstId = firstId
    this.#cluster = cluster
  }

  /** Undefined without `--nats`. Throws Misuse, and Failure if the node can't join. `memory` takes the place of the file. */
  static async join(flags: NodeFlags, limits: Limits, memory?: IdMemory): Promise<JoinedNode | undefined> {
    const { nats, node, nodeIds } = flags
    if (nats === undefined) {
      const [flag] = ['node', 'cluster', 'natsCreds', 'natsTlsCa', 'nodeIds'].filter((name) => Reflect.get(flags, name))
      if (flag !== undefined)
        throw new Misuse('--node and what belongs to it are for a node of several: give --nats too.')
      return undefined
    }
    if (node === undefined)
      throw new Misuse(`--nats needs --node, a number from 1 to ${NODES_MAX} that no other node has.`)
    const broker = brokerFrom(flags)
    const { cluster } = broker
    const epoch = Date.now() * EPOCH_PARTS + randomInt(EPOCH_PARTS)
    const secret = createHash('sha256')
      .update(process.env[SECRET] ?? '')
      .digest()
    const file = new IdsFile(nodeIds ?? usualIdsFile(cluster, node))
    const ids = new OwnIds(node, memory ?? file)
    if (!memory) file.read() // What is wrong with it is said at once.
    const protocol = new NodeRouter({
      node,
      epoch,
      secret,
      ids,
      messageBytesMax: limits.messageBytesMax,
      leaveMs: limits.graceMs / 4,
    })
    const { JoinError, NodeLinks } = await import('@switchyard/adapters/nats') // A server of its own should not wait for it.
    const links: NodeLinks = await NodeLinks.join({
      ...broker,
      node,
      epoch,
      highestId: () => ids.highest,
      tell: () => statusOf(links, protocol, cluster),
    }).catch((error: unknown) => {
      throw error instanceof JoinError ? new Failure(adviceOn(error, flags), { cause: error }) : error
    })
    try {
      return new JoinedNode(links, protocol, cluster, node, ids.begin(links.machine.highestOwnId))
    } catch (error) {
      await links[Symbol.asyncDispose]()
      if (!(error instanceof RangeError)) throw error
      throw new Failure(
        `Node ${node} of ${cluster} has no id left: ${error.message}. Give it another number: --node.`,
        {
          cause: error,
        },
      )
    }
  }

  /** Neither its file nor another node knows of an earlier one. */
  get isFirstRun(): boolean {
    return this.firstId === firstIdOf(nodeOf(this.firstId))
  }

  status(): NodeStatus {
    return statusOf(this.links, this.protocol, this.#cluster)
  }

  /** No link stands where one is expected: the broker is away, or a node that is heard, or was and did not leave, is not linked. */
  get healthy(): boolean {
    const { broker, peers, heard } = this.status()
    const linked = new Set(peers.filter(({ state }) => state !== 'down').map(({ node }) => node))
    return (
      broker.state === 'connected' && [...heard, ...peers.map(({ node }) => node)].every((node) => linked.has(node))
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.links[Symbol.asyncDispose]()
  }
}

function statusOf(links: NodeLinks, protocol: NodeRouter, cluster: string): NodeStatus {
  const { broker, machine } = links
  const linkOf = new Map(machine.peers.map(({ node, link }) => [node, link]))
  const { peers, ...own } = protocol.snapshot()
  return {
    cluster,
    broker,
    heard: [...linkOf.keys()],
    ...own,
    peers: peers.map((peer) => ({ ...peer, queuedBytes: linkOf.get(peer.node)?.untakenBytes ?? 0 })),
  }
}

function readable(flag: string, path: string): string {
  read(flag, path)
  return path
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Misuse(`${flag} ${path} can't be read (${code}).`)
  }
}

function adviceOn({ code, message }: JoinError, { nats, node }: NodeFlags): string {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`
  switch (code) {
    case 'broker-away':
      return `${sentence} Start one with: nats-server -p ${portIn(nats)}`
    case 'refused':
      return `${sentence} See --nats-creds and --nats-tls-ca, or write nats://user:password@host.`
    case 'number-taken':
      return `${sentence} Choose another number than --node ${node}, or stop that node first.`
    case 'not-heard':
      return sentence
  }
}

function portIn(nats: string | undefined): string {
  return /:(\d+)/.exec(withoutLogin(nats ?? ''))?.[1] ?? '4222'
}
