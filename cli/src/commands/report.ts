import { analyse, readResults, RunFolder } from '@switchyard/bench'
import { Argument, Command, Option } from 'commander'
import { orMisuse } from '../bench/results-folder.ts'

const EXAMPLES = `
Examples:
  switchyard report report/bench-2026-05-01T101500
  switchyard report report/bench-2026-05-01T101500 --markdown > summary.md
  switchyard report results/2026-05-01-1a2b3c4 --docs > docs/results.md

The page follows from run.json and blocks.jsonl alone: the same files give the same page, byte for byte.`

export function reportCommand(): Command {
  return new Command('report')
    .description('Makes the report of a measured run again')
    .addArgument(new Argument('<folder>', 'that `switchyard bench` wrote'))
    .option('--markdown', 'prints the summary as markdown, and writes nothing')
    .addOption(new Option('--docs', 'prints docs/results.md of this run, and writes nothing').conflicts('markdown'))
    .addHelpText('after', EXAMPLES)
    .action(run)
}

interface ReportFlags {
  readonly markdown?: true
  readonly docs?: true
}

async function run(path: string, { markdown, docs }: ReportFlags): Promise<void> {
  const results = await orMisuse(readResults(path))
  const { renderMarkdown, renderPage, renderResultsPage } = await import('@switchyard/bench/report')
  if (markdown) process.stdout.write(renderMarkdown(results, analyse(results)))
  else if (docs) process.stdout.write(renderResultsPage(results, path.replace(/\/$/, '')))
  else process.stdout.write(`${await RunFolder.at(path).writePage(renderPage(results))}\n`)
}
