/** The suites of all protocols that a server can run. A new protocol is one folder, and its line here. */
import type { Suite } from '@switchyard/conformance/portable'
import { CHAT } from './chat/suite/index.ts'
import { EPMD } from './epmd/suite/index.ts'
import { EXCHANGE } from './exchange/suite/index.ts'
import { MUX } from './mux/suite/index.ts'
import { NODES } from './nodes/suite/index.ts'
import { ROUTER } from './router/suite/index.ts'

export const PROTOCOLS: readonly Suite[] = [ROUTER, EPMD, CHAT, EXCHANGE, MUX, NODES]
