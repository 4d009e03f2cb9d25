/**
 * The suites of all protocols that a server can run. Each is loaded when it is asked for: who serves one does not wait for the others. A new
 * protocol is one folder, and its line here.
 */
import type { Suite } from '@switchyard/conformance/portable'

/** By name. */
export const SUITES: ReadonlyMap<string, () => Promise<Suite>> = new Map<string, () => Promise<Suite>>([
  ['router', async () => (await import('./router/suite/index.ts')).ROUTER],
  ['epmd', async () => (await import('./epmd/suite/index.ts')).EPMD],
  ['chat', async () => (await import('./chat/suite/index.ts')).CHAT],
  ['exchange', async () => (await import('./exchange/suite/index.ts')).EXCHANGE],
  ['mux', async () => (await import('./mux/suite/index.ts')).MUX],
  ['nodes', async () => (await import('./nodes/suite/index.ts')).NODES],
])

/** All of them, in the order of the list. */
export function allSuites(): Promise<readonly Suite[]> {
  return Promise.all(Array.from(SUITES.values(), (load) => load()))
}
