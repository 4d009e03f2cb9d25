import { simulated } from '@switchyard/shared-tests/simulated'
import { conformance, conformanceOf } from '@switchyard/shared-tests/vitest'
import { channels } from '../src/server.ts'

conformance(channels)
conformanceOf(simulated(channels))
