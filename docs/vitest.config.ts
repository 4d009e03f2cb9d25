import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { marking } from './src/site/marking.ts'
import everywhere from '../vitest.config.ts'

/** The servers with the calls that say which line runs, as the site has them. Browser tests: `vitest.browser.config.ts`. */
export default defineConfig({
  ...everywhere,
  plugins: [marking(fileURLToPath(new URL('src/stage/lines.ts', import.meta.url)))],
  test: { ...everywhere.test, include: ['test/*.test.ts'] },
})
