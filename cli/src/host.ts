// One server in a process of its own, for measurements: `startServer` of @switchyard/bench forks this file.
import { host } from '@switchyard/bench'
import { Router } from '@switchyard/router'
import { known } from './patterns.ts'

await host(known(process.argv[2] ?? '').pattern, (limits) => new Router(limits))
