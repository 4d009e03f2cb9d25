import { defineConfig } from 'vitest/config'

/**
 * One configuration for every package: source, not dist; a machine-readable result beside the readable one. `npm test` in a
 * package's folder, or from here: `npx vitest run impls/mutex`.
 */
export default defineConfig({
  ssr: { resolve: { conditions: ['@switchyard/source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['**/test/**/*.test.ts'],
    // Files of a package share their modules: no test changes what another one imports, and loading them costs more than many a file.
    isolate: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results.json' },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
