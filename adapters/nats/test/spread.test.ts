/** The router's own cases, unchanged, with their clients on three nodes. */
import { conformanceOf } from '@switchyard/conformance/vitest'
import { PATTERNS } from '@switchyard/impls'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { spread } from './spread.ts'

for (const pattern of PATTERNS) conformanceOf(ROUTER, spread(pattern))
