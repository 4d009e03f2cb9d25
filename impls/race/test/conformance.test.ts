import { simulated } from '@switchyard/shared-tests/simulated'
import { conformance, conformanceOf } from '@switchyard/shared-tests/vitest'
import { race } from '../src/server.ts'

conformance(race)
conformanceOf(simulated(race))
