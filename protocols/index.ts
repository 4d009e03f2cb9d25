/** The protocols that a server can run. A new one is one folder, and its line here. */
import type { Protocol } from '@switchyard/core'
import { Router } from './router/src/index.ts'
import type { MessageLimits } from './router/src/index.ts'

export interface NamedProtocol {
  readonly name: string
  readonly create: (limits: MessageLimits) => Protocol
}

export const PROTOCOLS: readonly NamedProtocol[] = [{ name: 'router', create: (limits) => new Router(limits) }]
