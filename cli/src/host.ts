// One server in a process of its own, for measurements: `startServer` of @switchyard/harness forks this file.
import { parseArgs } from 'node:util'
import { optionsOf } from '@switchyard/conformance'
import { Random } from '@switchyard/core'
import { host } from '@switchyard/harness'
import { toServe } from './patterns.ts'
import { suiteOf } from './protocols.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    protocol: { type: 'string', default: 'router' },
    slowdown: { type: 'string', default: '0' },
  },
})
const suite = await suiteOf(values.protocol)
const { pattern } = await toServe(positionals[0] ?? '')
await host(
  pattern,
  (limits, port, shutDown) =>
    suite.create({ limits, options: optionsOf(suite, suite.dialect?.options), random: new Random(1), port, shutDown }),
  { slowdown: Number(values.slowdown), commitOf: (protocol) => suite.commitOf?.(protocol) },
)
