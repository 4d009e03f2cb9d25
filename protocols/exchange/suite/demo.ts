import type { ExchangeOptions } from '../src/index.ts'
import { SYMBOL } from './messages.ts'

/** Who may log in to a server that is judged, or simulated, or tried without a file of accounts: each with `pw` and its name. */
export const DEMO: Pick<ExchangeOptions, 'accounts' | 'symbols' | 'authorize'> = {
  accounts: [
    { name: 'ANN' },
    { name: 'BOB' },
    { name: 'CARL', onDisconnect: 'cancel' },
    { name: 'WATCH', watches: true },
  ],
  symbols: [SYMBOL],
  authorize: (name, password) => String.fromCharCode(...password).trimEnd() === `pw${name}`,
}

/** The exchange that is judged, with the limits that a suite's options name. */
export function judgedOptions({ dayMs = 0, ...limits }: Readonly<Record<string, number>>): ExchangeOptions {
  return { ...DEMO, ...limits, ...(dayMs > 0 && { day: { firstEnd: dayMs, ms: dayMs } }) }
}
