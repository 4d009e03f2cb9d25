import type { PairDialect } from '@switchyard/harness'
import { PROTOCOLS } from '@switchyard/protocols'
import { nats } from './dialects/nats.ts'
import { relay } from './dialects/relay.ts'

/** Throws TypeError for a protocol without one, and for a module that exports none. */
export async function dialectOf(name: DialectName): Promise<PairDialect> {
  if (name === 'relay') return relay
  if (name === 'nats') return nats
  const suite: unknown = PROTOCOLS.find((each) => each.name === name) ?? Reflect.get(await import(name), 'suite')
  const dialect: unknown = typeof suite === 'object' && suite !== null && Reflect.get(suite, 'dialect')
  if (isPairDialect(dialect)) return dialect
  throw new TypeError(`${name} has no dialect, with the functions greet and pair`)
}

/** Names a dialect across processes: one of the bench's own, a protocol's, or a module's, whose export `suite` has one. */
export type DialectName = string

function isPairDialect(value: unknown): value is PairDialect {
  if (typeof value !== 'object' || value === null) return false
  return ['greet', 'pair'].every((name) => typeof Reflect.get(value, name) === 'function')
}
