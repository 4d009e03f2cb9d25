import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { reactor } from '../src/server.ts'

conformance(reactor)
conformanceOf(simulated(reactor))
