import { diffOf, readResults } from '@switchyard/bench'
import { Argument, Command } from 'commander'
import { orMisuse } from '../bench/results-folder.ts'
import { EXIT } from '../exit.ts'
import { interruptibleAtOnce } from '../interruption.ts'

const EXAMPLES = `
Examples:
  switchyard diff report/before report/after

What changed by more than 3 %, after Holm's correction. Figures are taken in multiples of the same round's yardstick where
both runs have one. Exit codes: 0 nothing changed, 1 something did, 3 misuse.`

export function diffCommand(): Command {
  return new Command('diff')
    .description('Compares two measured runs, and says when their machines differ')
    .addArgument(new Argument('<before>', 'folder of the earlier run'))
    .addArgument(new Argument('<after>', 'folder of the later run'))
    .option('--json', 'every comparison as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(before: string, after: string, flags: { readonly json?: true }): Promise<void> {
  const diff = diffOf(await orMisuse(readResults(before)), await orMisuse(readResults(after)))
  const { renderDiff } = await import('@switchyard/bench/report')
  process.stdout.write(flags.json ? `${JSON.stringify(diff, null, 2)}\n` : renderDiff(diff))
  process.exitCode = diff.changes.some(({ difference }) => difference !== 'cannot-tell') ? EXIT.failed : EXIT.passed
}
