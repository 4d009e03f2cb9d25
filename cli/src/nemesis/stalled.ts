import type { Socket } from 'node:net'
import { encodeMessage } from '@switchyard/protocols/router'
import type { Cluster, ClusterNode } from './cluster.ts'
import { clientOf } from './talk.ts'
import type { Client } from './talk.ts'

/** From each node to each, itself included. */
const PAIRS = 2
const BETWEEN_MESSAGES_MS = 5
/** On each of the other nodes. */
const FLOODERS = 3
const BLOCK_MS = 1_200
/** A flood has come to rest when nothing was taken of it for so long, or counts as endless. */
const STILL_MS = 200
const ENDLESS_MS = 3_000
const FLOOD_BYTES = 64 * 1024
const MESSAGE_BYTES = 512

/** What is left of the others' messages while a client that reads nothing is flooded. */
export interface Stalled {
  /** Messages in a block beside it, in the block before it, from each node to each: `1-1`, `1-2`. */
  readonly ratios: Readonly<Record<string, readonly number[]>>
  /** The most that the stalled client's node held at the end of a block, bytes. */
  readonly heldBytesMax: number
  /** What the broker has said of it. */
  readonly slowConsumers: number
}

/** A client of node 2 reads nothing, and is flooded from all other nodes, while everybody else talks. */
export async function stall(cluster: Cluster, rounds: number): Promise<Stalled> {
  const [, node] = cluster.nodes
  if (!node) throw new Error('there is no second node')
  const counts = new Map<string, number>()
  const sockets: Socket[] = []
  const timers: NodeJS.Timeout[] = []
  for (const from of cluster.nodes) {
    for (const to of cluster.nodes) {
      for (let pair = 0; pair < PAIRS; pair++) {
        const [one, other] = [await clientOf(from), await clientOf(to)]
        sockets.push(one[0], other[0])
        const name = nameOf(from, to)
        timers.push(talk(one, other, (messages) => counts.set(name, (counts.get(name) ?? 0) + messages)))
      }
    }
  }
  const ratios: Record<string, number[]> = {}
  let heldBytesMax = 0
  await block(counts) // Whoever has just started is slow.
  for (let round = 0; round < rounds; round++) {
    const before = await block(counts)
    const [stalled, id] = await clientOf(node)
    const others = cluster.nodes
      .filter((each) => each !== node)
      .flatMap((each) => Array<ClusterNode>(FLOODERS).fill(each))
    const flooders = await Promise.all(others.map(clientOf))
    for (const [socket] of flooders) flood(socket, id)
    await still(flooders)
    for (const [name, during] of await block(counts)) (ratios[name] ??= []).push(during / (before.get(name) ?? 0))
    heldBytesMax = Math.max(heldBytesMax, await heldBy(node))
    for (const socket of [...flooders.map(([each]) => each), stalled]) socket.resetAndDestroy()
    await passed(STILL_MS)
  }
  for (const timer of timers) clearInterval(timer)
  for (const socket of sockets) socket.destroy()
  const slowConsumers = cluster.brokers.filter(({ words }) => /slow consumer/i.test(words)).length
  return { ratios, heldBytesMax, slowConsumers }
}

function nameOf(from: ClusterNode, to: ClusterNode): string {
  return `${from.number}-${to.number}`
}

/** So many that everybody has time for them: what is missing was held up. */
function talk([from]: Client, [to, id]: Client, arrived: (messages: number) => void): NodeJS.Timeout {
  const message = encodeMessage(id, new Uint8Array(0))
  to.on('data', (bytes: Buffer) => arrived(bytes.length)) // A message of no bytes arrives as its NUL.
  to.resume()
  from.resume()
  return setInterval(() => void from.write(message), BETWEEN_MESSAGES_MS)
}

function flood(socket: Socket, to: number): void {
  const message = encodeMessage(to, new Uint8Array(MESSAGE_BYTES).fill(1))
  const chunk = Buffer.concat(Array.from({ length: FLOOD_BYTES / MESSAGE_BYTES }, () => message))
  const more = (): void => {
    while (socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}

async function still(flooders: readonly Client[]): Promise<void> {
  const taken = (): number => flooders.reduce((sum, [socket]) => sum + socket.bytesWritten - socket.writableLength, 0)
  const until = performance.now() + ENDLESS_MS
  for (let before = -1; taken() !== before && performance.now() < until;) {
    before = taken()
    await passed(STILL_MS)
  }
}

async function block(counts: Map<string, number>): Promise<ReadonlyMap<string, number>> {
  const before = new Map(counts)
  await passed(BLOCK_MS)
  return new Map([...counts].map(([name, count]) => [name, count - (before.get(name) ?? 0)]))
}

async function heldBy({ statsPort }: ClusterNode): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${statsPort}/stats`)
  const { statistics }: { readonly statistics: { readonly held: { readonly total: number } } } = JSON.parse(
    await answer.text(),
  )
  return statistics.held.total
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
