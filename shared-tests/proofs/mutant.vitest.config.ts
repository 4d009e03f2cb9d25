import { readFileSync } from 'node:fs'
import { defineConfig, mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const { MUTANT_OF: path = '', MUTANT: mutant = '' } = process.env

/** The tests of a package, one of whose files reads otherwise. */
export default mergeConfig(
  base,
  defineConfig({
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        load: (id) => (id.split('?', 1)[0] === path ? readFileSync(mutant, 'utf8') : undefined),
      },
    ],
    test: { bail: 1, testTimeout: 20_000, hookTimeout: 20_000 },
  }),
)
