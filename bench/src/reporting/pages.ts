import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { analyse } from '../analysis/analysis.ts'
import { readResults } from '../run/files.ts'
import { renderGlance, renderPage, renderResultsPage } from './index.ts'

const ROOT = new URL('../../../', import.meta.url)
const BEGIN = '<!-- From the latest run in results/: npm run results -->\n'
const END = '\n<!-- Until here. -->'

/** What is said of the latest run that is kept under `results/`, by path from the repository's root. */
export async function resultPages(): Promise<ReadonlyMap<string, string>> {
  // Folders begin with their date.
  const latest = readdirSync(new URL('results/', ROOT)).toSorted().at(-1)
  if (latest === undefined) throw new Error('results/ has no run')
  const folder = `results/${latest}`
  const results = await readResults(fileURLToPath(new URL(folder, ROOT)))
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8')
  return new Map([
    ['docs/results.md', renderResultsPage(results, folder)],
    ['docs/public/report.html', renderPage(results)],
    ['README.md', between(readme, renderGlance(results, analyse(results)))],
  ])
}

function between(text: string, middle: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END, begin)
  if (begin === -1 || end === -1) throw new Error(`README.md has no ${BEGIN.trim()} and ${END.trim()}`)
  return `${text.slice(0, begin + BEGIN.length)}\n${middle}\n${text.slice(end)}`
}
