// Writes docs/origins.md: `npm run origins`.
import { writeFile } from 'node:fs/promises'
import { measureOrigins } from './measure.ts'

await writeFile(new URL('../../../../docs/origins.md', import.meta.url), await measureOrigins())
