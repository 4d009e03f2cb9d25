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
export function judgedOptions({
  dayMs = 0,
  loadAccounts = 0,
  ...limits
}: Readonly<Record<string, number>>): ExchangeOptions {
  const loads = Array.from({ length: loadAccounts }, (_, index) => ({ name: loadAccount(index + 1) }))
  return {
    ...DEMO,
    accounts: [...DEMO.accounts, ...loads],
    ...limits,
    ...(dayMs > 0 && { day: { firstEnd: dayMs, ms: dayMs } }),
  }
}

/** The name of the `number`th account for loads, from 1. */
export function loadAccount(number: number): string {
  return `L${String(number).padStart(5, '0')}`
}
