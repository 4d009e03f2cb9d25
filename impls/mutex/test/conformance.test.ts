import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { mutex } from '../src/server.ts'

conformance(mutex)
conformanceOf(simulated(mutex))
