import { known, PATTERNS } from '../patterns.ts'
import { renderOrigins } from './page.ts'
import type { Row } from './page.ts'
import { originsOf } from './situations.ts'

/** The five, and below them what most people write. One after the other: the depth of stacks is a setting of the process. */
export async function measureOrigins(): Promise<string> {
  const rows: Row[] = []
  for (const each of [...PATTERNS, known('plain')]) rows.push({ known: each, origins: await originsOf(each) })
  return renderOrigins(rows)
}
