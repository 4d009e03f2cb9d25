/**
 * A broker and two nodes behind one port, for measurements: `nodes-process.js <pattern> <across|same> <port>`. This process accepts, and
 * hands each socket to a node: in turn, or all of them to the first one. From then on it has no part in it.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { limitsOf } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Victim } from '../nemesis/process.ts'
import { Listeners } from '../operating/listeners.ts'
import { JoinedNode } from '../operating/nodes.ts'
import { known } from '../mutants.ts'

const NODES = 2
const BACKLOG = 4096
const BETWEEN_LOOKS_MS = 20

async function runNode(pattern: string, node: number, nats: string): Promise<void> {
  const limits = limitsOf()
  const joined = await JoinedNode.join({ nats, node }, limits, { read: () => 0, write() {} })
  if (!joined) throw new Error('a node without a broker')
  const tcp = await listen() // Nobody knows its port: it makes of a socket that is handed over what it makes of its own.
  process.on('message', (_: unknown, socket: unknown) => tcp.emit('connection', socket))
  const options = { ...joined.limits, firstId: joined.firstId }
  known(pattern).pattern.serve(joined.protocol, new Listeners([tcp, joined.links]), options)
  const look = setInterval(() => {
    if (joined.status().peers.filter(({ state }) => state === 'linked').length < NODES - 1) return
    clearInterval(look)
    process.send?.('linked')
  }, BETWEEN_LOOKS_MS)
  process.once('disconnect', () => process.exit())
}

async function runAll(pattern: string, clients: string, port: number): Promise<void> {
  const probe = await listen()
  const brokerPort = portOf(probe)
  await new Promise((resolve) => probe.close(resolve))
  const broker = new Victim('nats-server', ['-a', '127.0.0.1', '-p', String(brokerPort)])
  await broker.start('Server is ready')
  const nodes: ChildProcess[] = []
  for (let node = 1; node <= NODES; node++) {
    const args = [pattern, 'node', String(node), `nats://127.0.0.1:${brokerPort}`]
    nodes.push(fork(fileURLToPath(import.meta.url), args))
  }
  for (const node of nodes) node.once('exit', (code) => process.exit(code ?? 1))
  await Promise.all(nodes.map((node) => once(node, 'message')))
  let next = 0
  createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    nodes[clients === 'across' ? next++ % NODES : 0]?.send('client', socket)
  }).listen({ port, host: '127.0.0.1', backlog: BACKLOG })
}

const [pattern = '', mode = '', number = '', nats = ''] = process.argv.slice(2)
await (mode === 'node' ? runNode(pattern, Number(number), nats) : runAll(pattern, mode, Number(number)))
