// One server in a process of its own, for measurements: `startServer` of @switchyard/bench forks this file.
import { parseArgs } from 'node:util'
import { host } from '@switchyard/bench/host'
import { Router } from '@switchyard/protocols/router'
import { protocolOf } from './bench/protocol.ts'
import { known } from './patterns.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { protocol: { type: 'string' }, slowdown: { type: 'string', default: '0' } },
})
const createProtocol =
  values.protocol === undefined
    ? (limits: ConstructorParameters<typeof Router>[0]) => new Router(limits)
    : await protocolOf(values.protocol)
await host(known(positionals[0] ?? '').pattern, createProtocol, { slowdown: Number(values.slowdown) })
