import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { allSuites } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { race } from '../src/server.ts'

for (const suite of await allSuites()) {
  conformance(suite, race)
  conformanceOf(suite, simulated(suite, race))
}
