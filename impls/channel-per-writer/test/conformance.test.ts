import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { allSuites } from '@switchyard/protocols'
import { simulated } from '@switchyard/simulated'
import { channelPerWriter } from '../src/server.ts'

for (const suite of await allSuites()) {
  conformance(suite, channelPerWriter)
  conformanceOf(suite, simulated(suite, channelPerWriter))
}
