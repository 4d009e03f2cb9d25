import { simulated } from '@switchyard/simulated'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { channelPerWriter } from '../src/server.ts'

conformance(channelPerWriter)
conformanceOf(simulated(channelPerWriter))
