import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { race } from '../src/server.ts'

conformance(race)
conformanceOf(simulated(race))
