import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readResults } from '@switchyard/bench'
import { renderResultsPage } from '@switchyard/bench/report'
import { describe, expect, it } from 'vitest'

const ROOT = new URL('../../', import.meta.url)
const PAGE = new URL('docs/results.md', ROOT)
const KEPT = new URL('results/', ROOT)

describe('docs/results.md', () => {
  /** Folders begin with their date. */
  const latest = existsSync(KEPT) ? readdirSync(KEPT).toSorted().at(-1) : undefined

  it('is there if a run is kept, and only then', () => {
    expect(existsSync(PAGE)).toBe(latest !== undefined)
  })

  if (latest)
    it('is what `switchyard report --docs` makes of the latest run that is kept', async () => {
      const folder = `results/${latest}`
      const results = await readResults(new URL(folder, ROOT).pathname)
      expect(readFileSync(PAGE, 'utf8')).toBe(renderResultsPage(results, folder))
    })
})
