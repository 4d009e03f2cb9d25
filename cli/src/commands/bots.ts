import { Command } from 'commander'
import { runBots } from '../bots/run.ts'
import type { BotsPlan, BotsTotals } from '../bots/run.ts'
import { addressArgument } from '../address.ts'
import type { Address } from '../address.ts'
import { EXIT, Misuse } from '../exit.ts'
import { interruptible } from '../interruption.ts'
import { wholeNumberOption } from '../options.ts'

const EXAMPLES = `
Examples:
  switchyard bots                                  ten talkers, a line a second each, on port 7000
  switchyard bots --talkers 0 --stressers 3000 --seconds 60
  switchyard bots 192.0.2.7:7000 --talkers 50 --room-size 50 --rate 10 --json

A talker says a line now and then; a stresser says the next one as soon as it hears its own: start the server with
--flood-lines-per-second 0 for those. What is counted is what really arrives: each line has to reach each member of its room,
or be counted in a notice of missed lines. Ctrl-C ends the talk early, and the totals are still told.
Exit codes: 0 every line is accounted for, 1 not so, or the chat can't be reached, 2 interrupted, 3 misuse.`

interface BotsFlags extends BotsPlan {
  readonly json?: true
}

export function botsCommand(): Command {
  return new Command('bots')
    .description('Fills a chat with bots that talk, and counts what really arrives')
    .addArgument(addressArgument('the chat'))
    .addOption(wholeNumberOption('--talkers <n>', 'who say a line now and then', [0, 60_000]).default(10))
    .addOption(wholeNumberOption('--stressers <n>', 'who talk as fast as they are heard', [0, 60_000]).default(0))
    .addOption(wholeNumberOption('--room-size <n>', 'how many share a room', [1, 60_000]).default(10))
    .addOption(wholeNumberOption('--rate <n>', 'lines that a talker says in a second', [1, 1_000]).default(1))
    .addOption(wholeNumberOption('--seconds <n>', 'how long they talk', [1, 86_400]).default(10))
    .option('--json', 'the totals as JSON')
    .addHelpText('after', EXAMPLES)
    .action(
      interruptible(async (signal, address: Address, { json, ...plan }: BotsFlags) => {
        if (plan.talkers + plan.stressers === 0)
          throw new Misuse('--talkers and --stressers are both 0: nobody would talk.')
        const totals = await runBots(address, plan, signal)
        process.stdout.write(json ? `${JSON.stringify(totals, null, 2)}\n` : render(totals))
        process.exitCode = isBalanced(totals) ? EXIT.passed : EXIT.failed
      }),
    )
}

function isBalanced({ unaccounted, failures }: BotsTotals): boolean {
  return unaccounted === 0 && Object.keys(failures).length === 0
}

function render(totals: BotsTotals): string {
  const { bots, rooms, sent, tooFast, expected, heard, missed, unaccounted, seconds, latencyMs, failures } = totals
  const rows: readonly (readonly [what: string, value: string])[] = [
    ['bots', `${bots} in ${rooms} ${rooms === 1 ? 'room' : 'rooms'}, for ${seconds.toFixed(1)} s`],
    ['said', `${sent} lines${tooFast > 0 ? `, ${tooFast} of them too fast` : ''}`],
    ['due', `${expected}: each line once for each member of its room`],
    ['heard', `${heard}, ${totals.heardPerSecond} a second`],
    ['missed', `${missed}, as the server has told`],
    ['unaccounted', `${unaccounted}`],
    ...(latencyMs
      ? [['latency', `p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`] as const]
      : []),
    ...Object.entries(failures).map(([why, count]) => ['failed', `${count} bots: ${why}`] as const),
  ]
  const lines = rows.map(([what, value]) => `${what.padEnd(12)} ${value}\n`)
  return `${lines.join('')}${isBalanced(totals) ? 'Every line is accounted for.' : 'Not every line is accounted for.'}\n`
}
