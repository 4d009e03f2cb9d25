/** The laboratory in a real browser: a reader edits, is judged, and hands the edit on. Needs Chromium: `npm run test:browser`. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSite } from './site.ts'
import type { Site } from './site.ts'

let site: Site

beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site[Symbol.asyncDispose]())

describe('the laboratory', { timeout: 120_000 }, () => {
  it('finds an exercise out by its shortest schedule, and its link brings the edit to a new page', async () => {
    await using opened = await site.open('lab.html')
    const { page, complaints } = opened
    await begin(page, 'early-flush')
    await page.getByRole('button', { name: 'Explore schedules' }).click()
    await page.locator('[data-found="G1"]').waitFor({ timeout: 60_000 })
    expect(await page.locator('.verdict pre').textContent()).toContain('turn ends')
    await type(page, '// mine\n')
    await page.getByRole('button', { name: 'Link', exact: true }).click()
    await expect.poll(() => page.url()).toContain('#lab=early-flush~')
    const { hash } = new URL(page.url())
    await using again = await site.open(`lab.html${hash}`)
    await again.page.locator('.cm-content', { hasText: '// mine' }).waitFor()
    expect([...complaints, ...again.complaints]).toEqual([])
  })

  it('passes the reactor by every case', async () => {
    await using opened = await site.open('lab.html')
    const { page, complaints } = opened
    await begin(page, 'reactor')
    await page.getByRole('button', { name: 'Judge by the cases' }).click()
    await page.getByText(/^\d+ cases passed, 0 failed/).waitFor({ timeout: 60_000 })
    expect(complaints).toEqual([])
  })

  it('ends what keeps its thread, and says so', async () => {
    await using opened = await site.open('lab.html')
    const { page, complaints } = opened
    await begin(page, 'mutex')
    await type(page, 'for (;;) {}\n')
    await page.getByRole('button', { name: 'Judge by the cases' }).click()
    await page.getByText('It kept the thread for 5 seconds and was ended').waitFor({ timeout: 60_000 })
    expect(complaints).toEqual([])
  })
})

it('its code, and that of the game, is loaded by no other page', { timeout: 60_000 }, async () => {
  const loaded = async (path: string): Promise<readonly string[]> => {
    await using opened = await site.open(path, { reducedMotion: 'reduce' })
    await opened.page.waitForLoadState('networkidle')
    const names: unknown = await opened.page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    )
    return Array.isArray(names) ? names.map(String) : []
  }
  const own = /\/(?:Laboratory|Game|editor|worker)[.-]/
  for (const path of ['', 'decide.html']) expect((await loaded(path)).filter((name) => own.test(name))).toEqual([])
  expect((await loaded('lab.html')).filter((name) => own.test(name))).not.toEqual([])
})

async function begin(page: Page, name: string): Promise<void> {
  await page.locator('.cm-content').waitFor()
  await page.getByRole('combobox', { name: 'Begin with' }).selectOption(name)
}

async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText(text)
}
