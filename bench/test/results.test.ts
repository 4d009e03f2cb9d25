import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resultPages } from '../src/reporting/pages.ts'

const PAGES = await resultPages()

it.each([...PAGES.keys()])('%s says what the latest run that is kept has found (npm run results)', (path) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(PAGES.get(path))
})
