import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { allSuites } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { reactor } from '../src/server.ts'

for (const suite of await allSuites()) {
  conformance(suite, reactor)
  conformanceOf(suite, simulated(suite, reactor))
}
