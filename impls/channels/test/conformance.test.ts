import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { PROTOCOLS } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { channels } from '../src/server.ts'

for (const suite of PROTOCOLS) {
  conformance(suite, channels)
  conformanceOf(suite, simulated(suite, channels))
}
