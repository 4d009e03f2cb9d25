/** Writes the pages of `docs/reference` and `docs/crossover.json` anew, and `docs/figures.json` if there is a run of `switchyard compare`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { commandsPage } from './commands.ts'
import { crossover } from './crossover.ts'
import { figuresOf } from './figures.ts'
import { pagesOf } from './pages.ts'
import { NODES_TEST, pricesPage } from './prices.ts'
import { proved } from '../prices/proved.ts'
import type { Measured } from '../prices/measured.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

for (const { path, text } of [...(await pagesOf(root)), commandsPage(root)]) write(path, text)
write('crossover.json', `${JSON.stringify(await crossover(), undefined, 2)}\n`)
const proofs = await proved()
write('proved.json', `${JSON.stringify(proofs, undefined, 2)}\n`)
const measured: Measured = JSON.parse(readFileSync(join(root, 'docs/measured.json'), 'utf8'))
const prices = pricesPage(proofs, measured, readFileSync(join(root, NODES_TEST), 'utf8'))
write(prices.path, prices.text)
const results = join(root, 'report/results.json')
if (existsSync(results))
  write('figures.json', `${JSON.stringify(figuresOf(readFileSync(results, 'utf8')), undefined, 2)}\n`)

function write(path: string, text: string): void {
  const file = join(root, 'docs', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`docs/${path}\n`)
}
