/** In a page: `await switchyardLogs` has all logs, and how long they took. */
import { allLogs } from './logs.ts'
import type { Log } from './logs.ts'

declare global {
  var switchyardLogs: Promise<{ readonly logs: readonly Log[]; readonly seconds: number }>
}

globalThis.switchyardLogs = run()

async function run(): Promise<{ readonly logs: readonly Log[]; readonly seconds: number }> {
  const began = performance.now()
  const logs = await allLogs()
  return { logs, seconds: (performance.now() - began) / 1000 }
}
