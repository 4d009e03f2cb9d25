import { simulated } from '@switchyard/shared-tests/simulated'
import { conformance, conformanceOf } from '@switchyard/shared-tests/vitest'
import { channelPerWriter } from '../src/server.ts'

conformance(channelPerWriter)
conformanceOf(simulated(channelPerWriter))
