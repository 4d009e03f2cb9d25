// Writes docs/results.md, the report of the site, and the README's table: `npm run results`.
import { writeFile } from 'node:fs/promises'
import { resultPages } from './pages.ts'

for (const [path, text] of await resultPages()) await writeFile(new URL(`../../../${path}`, import.meta.url), text)
