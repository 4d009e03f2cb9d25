import { Command } from 'commander'
import { addressArgument } from '../address.ts'
import type { Address } from '../address.ts'
import { runFlow } from '../exchange/flow.ts'
import type { FlowTotals } from '../exchange/flow.ts'
import { EXIT } from '../exit.ts'
import { interruptible } from '../interruption.ts'
import { seedOption, wholeNumberOption } from '../options.ts'

const EXAMPLES = `
Examples:
  switchyard flow                                  ANN and BOB trade for ten seconds, at port 7000
  switchyard flow --rate 5000 --seconds 60 --seed 7
  switchyard flow 192.0.2.7:7000 --account LEFT --account RIGHT --json

A price wanders; the accounts quote around it, move and cancel their quotes, and take what is there. The same seed draws
the same price and the same choices. At the end what is left is cancelled. Ctrl-C ends it early, and the totals are still told.
The password of account ANN is read from SWITCHYARD_PASSWORD_ANN; default: that of the accounts to try an exchange with.
Exit codes: 0 every order was answered, 1 not so, or the exchange can't be reached, 2 interrupted, 3 misuse.`

interface FlowFlags {
  readonly account?: readonly string[]
  readonly rate: number
  readonly seconds: number
  readonly seed: number
  readonly json?: true
}

export function flowCommand(): Command {
  return new Command('flow')
    .description('Fills an exchange with realistic orders, by a seed, and counts what becomes of them')
    .addArgument(addressArgument('the exchange'))
    .option(
      '--account <name>',
      'who trades; may be repeated; default: ANN and BOB',
      (name, before: readonly string[] | undefined) => [...(before ?? []), name],
    )
    .addOption(wholeNumberOption('--rate <n>', 'commands in a second, of all together', [1, 1_000_000]).default(1_000))
    .addOption(wholeNumberOption('--seconds <n>', 'for how long', [1, 86_400]).default(10))
    .addOption(seedOption('of the price and of every choice').default(1))
    .option('--json', 'the totals as JSON')
    .addHelpText('after', EXAMPLES)
    .action(
      interruptible(async (signal, address: Address, { json, account = ['ANN', 'BOB'], ...plan }: FlowFlags) => {
        const totals = await runFlow(address, { ...plan, accounts: account }, signal)
        process.stdout.write(json ? `${JSON.stringify(totals, null, 2)}\n` : render(totals))
        process.exitCode = totals.unanswered === 0 ? EXIT.passed : EXIT.failed
      }),
    )
}

function render(totals: FlowTotals): string {
  const { commands, accepted, rejected, executions, shares, unanswered, commandsPerSecond, latencyMs } = totals
  const rows: readonly (readonly [what: string, value: string])[] = [
    ['commands', `${commands}, ${commandsPerSecond} a second`],
    ['orders', `${accepted} accepted, ${rejected} rejected, ${unanswered} not answered`],
    ['executions', `${executions}, of ${shares} shares`],
    ...(latencyMs
      ? [['latency', `p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`] as const]
      : []),
  ]
  return rows.map(([what, value]) => `${what.padEnd(12)} ${value}\n`).join('')
}
