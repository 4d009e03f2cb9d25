import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import { marking } from './src/site/marking.ts'
import everywhere from '../vitest.config.ts'

/** The servers with the calls that say which line runs, as the site has them. Browser tests: `vitest.browser.config.ts`. */
export default mergeConfig(
  everywhere,
  defineConfig({
    plugins: [marking(fileURLToPath(new URL('src/stage/lines.ts', import.meta.url)))],
    test: { include: ['test/*.test.ts'] },
  }),
)
