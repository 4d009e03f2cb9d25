import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { allSuites } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { channels } from '../src/server.ts'

for (const suite of await allSuites()) {
  conformance(suite, channels)
  conformanceOf(suite, simulated(suite, channels))
}
