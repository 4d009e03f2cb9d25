import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { allSuites } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { mutex } from '../src/server.ts'

for (const suite of await allSuites()) {
  conformance(suite, mutex)
  conformanceOf(suite, simulated(suite, mutex))
}
