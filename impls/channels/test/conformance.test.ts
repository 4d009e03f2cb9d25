import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { channels } from '../src/server.ts'

conformance(channels)
conformanceOf(simulated(channels))
