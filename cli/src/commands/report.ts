import { analyse, readResults, RunFolder } from '@switchyard/bench'
import { Argument, Command } from 'commander'
import { orMisuse } from '../bench/results-folder.ts'
import { interruptibleAtOnce } from '../interruption.ts'

const EXAMPLES = `
Examples:
  switchyard report report/bench-2026-05-01T101500
  switchyard report report/bench-2026-05-01T101500 --markdown > summary.md

The page follows from run.json and blocks.jsonl alone: the same files give the same page, byte for byte.`

export function reportCommand(): Command {
  return new Command('report')
    .description('Makes the report of a measured run again')
    .addArgument(new Argument('<folder>', 'that `switchyard bench` wrote'))
    .option('--markdown', 'prints the summary as markdown, and writes nothing')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

interface ReportFlags {
  readonly markdown?: true
}

async function run(path: string, { markdown }: ReportFlags): Promise<void> {
  const results = await orMisuse(readResults(path))
  const { renderMarkdown, renderPage } = await import('@switchyard/bench/report')
  if (markdown) process.stdout.write(renderMarkdown(results, analyse(results)))
  else process.stdout.write(`${await RunFolder.at(path).writePage(renderPage(results))}\n`)
}
