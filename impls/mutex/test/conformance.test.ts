import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { PROTOCOLS } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { mutex } from '../src/server.ts'

for (const suite of PROTOCOLS) {
  conformance(suite, mutex)
  conformanceOf(suite, simulated(suite, mutex))
}
