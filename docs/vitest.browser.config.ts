import { defineConfig } from 'vitest/config'
import node from './vitest.config.ts'

/** Needs Chromium, and the site as `npm run site:below` builds it: `npm run test:browser`. */
export default defineConfig({
  ...node,
  test: {
    ...node.test,
    include: ['test/browser/*.test.ts'],
    outputFile: { json: 'test/browser/test-results.json' },
  },
})
