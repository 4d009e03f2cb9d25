import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { PROTOCOLS } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { channelPerWriter } from '../src/server.ts'

for (const suite of PROTOCOLS) {
  conformance(suite, channelPerWriter)
  conformanceOf(suite, simulated(suite, channelPerWriter))
}
