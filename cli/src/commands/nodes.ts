import { askNodes, JoinError } from '@switchyard/adapters/nats'
import { Command } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { addBrokerOptions, brokerFrom } from '../operating/nodes.ts'
import type { BrokerFlags, NodeStatus } from '../operating/nodes.ts'

const DEFAULT_NATS = 'nats://127.0.0.1:4222'

const EXAMPLES = `
Examples:
  switchyard nodes
  switchyard nodes --nats nats://a:4222,nats://b:4222 --cluster east --json

Each node tells of itself: its epoch, its clients, its links to the others, and what was lost, by reason.
Exit codes: ${EXIT.passed} all links stand, ${EXIT.failed} not so, or no node answers, ${EXIT.misuse} misuse.`

export function nodesCommand(): Command {
  return addBrokerOptions(new Command('nodes'), DEFAULT_NATS)
    .description('Says which nodes are joined, how their links stand, and what was lost')
    .option('--json', 'all that they tell, as JSON')
    .addHelpText('after', EXAMPLES)
    .action(run)
}

async function run({ json, ...flags }: BrokerFlags & { readonly json?: true }): Promise<void> {
  const broker = brokerFrom(flags, DEFAULT_NATS)
  const answers = await askNodes(broker).catch((error: unknown) => {
    throw error instanceof JoinError ? new Failure(`${error.message}.`, { cause: error }) : error
  })
  const nodes = answers.filter(isStatus).toSorted((a, b) => a.node - b.node)
  if (json) process.stdout.write(`${JSON.stringify(nodes, null, 2)}\n`)
  else if (nodes.length === 0) process.stdout.write(`No node of ${broker.cluster} answers.\n`)
  else for (const node of nodes) process.stdout.write(render(node))
  const whole = nodes.every(({ peers }) => peers.filter(({ state }) => state === 'linked').length === nodes.length - 1)
  process.exitCode = nodes.length > 0 && whole ? EXIT.passed : EXIT.failed
}

function render({ node, epoch, clients, held, peers, losses, broker }: NodeStatus): string {
  const links = peers.map(
    (peer) =>
      `  to node ${peer.node}: ${peer.state}, link ${peer.links}, sent ${peer.sent}, arrived ${peer.confirmed}, ` +
      `received ${peer.received}, windows ${peer.windows}, queued ${peer.queuedBytes} bytes, in doubt ${peer.inDoubt}\n`,
  )
  const lost = Object.entries(losses).flatMap(([reason, count]) => (count > 0 ? [`${reason} ${count}`] : []))
  return (
    `node ${node}, epoch ${epoch}, by ${broker.server}: ${clients} clients, ${held} held back\n${links.join('')}` +
    `  lost: ${lost.length > 0 ? lost.join(', ') : 'nothing'}\n`
  )
}

function isStatus(told: unknown): told is NodeStatus {
  return typeof told === 'object' && told !== null && typeof Reflect.get(told, 'node') === 'number'
}
