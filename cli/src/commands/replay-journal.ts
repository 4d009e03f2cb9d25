import { existsSync } from 'node:fs'
import { readJournal } from '@switchyard/adapters/journal'
import { auditOf, Engine } from '@switchyard/protocols/exchange'
import { DEMO } from '@switchyard/protocols/exchange/suite'
import { Command } from 'commander'
import { readAccounts } from '../exchange/accounts-file.ts'
import { readingJournal } from '../exchange/hosted.ts'
import { EXIT, Misuse } from '../exit.ts'

const EXAMPLES = `
Examples:
  switchyard replay-journal journal --accounts accounts.json
  switchyard replay-journal journal --json

Exit codes: ${EXIT.passed} it can be replayed, ${EXIT.failed} it is damaged, or does not add up, ${EXIT.misuse} misuse.`

interface ReplayFlags {
  readonly accounts?: string
  readonly json?: true
}

export function replayJournalCommand(): Command {
  return new Command('replay-journal')
    .description("Rebuilds an exchange from its journal, audits it, and prints each account's totals")
    .argument('<folder>', 'what --journal was given')
    .option('--accounts <file>', 'what --accounts was given; default: the four accounts to try it with')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(replay)
}

async function replay(folder: string, { accounts, json }: ReplayFlags): Promise<void> {
  if (!existsSync(folder)) throw new Misuse(`There is no folder ${folder}.`)
  const engine = new Engine(accounts === undefined ? DEMO : readAccounts(accounts))
  const recovered = await readingJournal((options) => readJournal(folder, engine, options))
  const audit = auditOf(engine)
  const seconds = recovered.ms / 1000
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...recovered, ...engine.totals, audit }, null, 2)}\n`)
  } else {
    const torn =
      recovered.tornBytes > 0 ? `, and behind it ${recovered.tornBytes} bytes of a batch that was not finished` : ''
    process.stdout.write(
      `day ${engine.session}: ${recovered.commands} commands in ${recovered.batch} batches, from ${
        recovered.snapshot > 0 ? `the snapshot at batch ${recovered.snapshot}` : 'the beginning'
      }, in ${seconds.toFixed(2)} s${torn}\n`,
    )
    const { orders, matches, open } = engine.totals
    process.stdout.write(`${orders} orders accepted, ${matches} matches, ${open} orders open\n\n`)
    process.stdout.write('account   messages     entered    executed   cancelled        open\n')
    for (const { name, messages, entered, executed, cancelled, open: left } of audit.accounts) {
      const columns = [entered, executed, cancelled, left].map((shares) => String(shares).padStart(12)).join('')
      process.stdout.write(`${name.padEnd(8)}${String(messages).padStart(10)}${columns}\n`)
    }
    process.stdout.write(
      `\n${audit.problems.length === 0 ? 'entered = executed + cancelled + open for each account; the books are not crossed' : audit.problems.join('\n')}\n`,
    )
  }
  process.exitCode = audit.problems.length === 0 ? EXIT.passed : EXIT.failed
}
