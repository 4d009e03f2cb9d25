import { simulated } from '@switchyard/shared-tests/simulated'
import { conformance, conformanceOf } from '@switchyard/shared-tests/vitest'
import { mutex } from '../src/server.ts'

conformance(mutex)
conformanceOf(simulated(mutex))
