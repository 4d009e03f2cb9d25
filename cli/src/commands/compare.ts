import { join } from 'node:path'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { compare } from '../compare/run.ts'
import { renderComparison } from '../compare/table.ts'
import { EXIT } from '../exit.ts'
import { makeFolder, write } from '../files.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { BASELINES, PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { exitCodeOf } from '../stress/outcome.ts'

const EXAMPLES = `
Examples:
  switchyard compare
  switchyard compare --json | jq '.rows[].conformance.summary'

Takes a minute or two. Writes results.json into the folder of --report, with every figure and how it came about.
Exit codes: 0 everything is as declared, 1 not so, 2 a guarantee stays undecided, or interrupted.`

interface CompareFlags {
  readonly json?: true
  readonly report: string
}

export function compareCommand(): Command {
  return new Command('compare')
    .description('Judges and measures the five patterns and the baseline, side by side in one table')
    .option('--json', 'the results as JSON instead of the table')
    .option('--report <folder>', 'where results.json goes', 'report')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(flags: CompareFlags): Promise<void> {
  makeFolder(flags.report)
  const progress = new Progress()
  const results = await compare(PATTERNS, BASELINES, (text) => progress.show(text))
  progress.clear()
  const file = join(flags.report, 'results.json')
  const json = `${JSON.stringify(results, null, 2)}\n`
  if (flags.json) process.stdout.write(json)
  else process.stdout.write(`${renderComparison(results, coloursFor(process.stdout))}\nEvery figure: ${file}\n`)
  write(file, json)
  const conforming = results.rows.every(({ conformance }) => conformance.overall === 'passed')
  process.exitCode = conforming ? exitCodeOf(results.rows.flatMap(({ stress }) => stress)) : EXIT.failed
}
