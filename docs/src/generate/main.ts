/** Writes the pages of `docs/reference` and `docs/crossover.json` anew, and `docs/figures.json` if there is a run of `switchyard compare`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsPage } from './commands.ts'
import { crossover } from './crossover.ts'
import { figuresOf } from './figures.ts'
import { pagesOf } from './pages.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

for (const { path, text } of [...pagesOf(root), commandsPage(root)]) write(path, text)
write('crossover.json', `${JSON.stringify(await crossover(), undefined, 2)}\n`)
const results = join(root, 'report/results.json')
if (existsSync(results))
  write('figures.json', `${JSON.stringify(figuresOf(readFileSync(results, 'utf8')), undefined, 2)}\n`)

function write(path: string, text: string): void {
  const file = join(root, 'docs', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`docs/${path}\n`)
}
