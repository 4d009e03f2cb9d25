/** The lecture as a PDF, docs/dist/slides.pdf: `npm run slides`. Needs Chromium. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { read, root } from '../support.ts'
import { startSite } from './site.ts'

it('each slide is printed on a page of its own', { timeout: 60_000 }, async () => {
  await using site = await startSite()
  await using opened = await site.open('teach/slides.html', { colorScheme: 'light' })
  const { page, complaints } = opened
  await page.waitForLoadState('networkidle')
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  writeFileSync(join(root, 'docs/dist/slides.pdf'), pdf)
  const printed = pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length
  expect(printed).toBe(read('docs/teach/slides.md').match(/^##? /gm)?.length)
  expect(complaints).toEqual([])
})
