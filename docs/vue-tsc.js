/** Checks the components' types. vue-tsc needs TypeScript's API, which the compiler of the rest has no more: docs has a 5.9 for it alone. */
import { createRequire } from 'node:module'
import { run } from 'vue-tsc'

run(createRequire(import.meta.url).resolve('typescript/lib/tsc'))
