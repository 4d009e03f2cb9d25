import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { PROTOCOLS } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { race } from '../src/server.ts'

for (const suite of PROTOCOLS) {
  conformance(suite, race)
  conformanceOf(suite, simulated(suite, race))
}
