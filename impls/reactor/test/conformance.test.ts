import { simulated } from '@switchyard/shared-tests/simulated'
import { conformance, conformanceOf } from '@switchyard/shared-tests/vitest'
import { reactor } from '../src/server.ts'

conformance(reactor)
conformanceOf(simulated(reactor))
