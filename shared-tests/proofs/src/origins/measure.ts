import { PATTERNS } from '@switchyard/impls'
import { plain } from '@switchyard/variants'
import { renderOrigins } from './page.ts'
import type { Row } from './page.ts'
import { originsOf } from './situations.ts'
import type { Known } from './situations.ts'

/** The five, and below them what most people write. */
export const MEASURED: readonly Known[] = [
  ...PATTERNS.map((pattern) => ({ pattern, file: `impls/${pattern.name}/src/server.ts` })),
  { pattern: plain, file: 'variants/src/plain.ts' },
]

/** One after the other: the depth of stacks is a setting of the process. */
export async function measureOrigins(): Promise<string> {
  const rows: Row[] = []
  for (const each of MEASURED) rows.push({ known: each, origins: await originsOf(each) })
  return renderOrigins(rows)
}
