import type { CrowdDialect, Dialect, PairDialect } from '@switchyard/harness'
import { SUITES } from '@switchyard/protocols'
import { crowdRelay } from './dialects/crowd-relay.ts'
import { mqtt } from './dialects/mqtt.ts'
import { nats } from './dialects/nats.ts'
import { acrossNodes } from './dialects/nodes.ts'
import { redis } from './dialects/redis.ts'
import { relay } from './dialects/relay.ts'

/** For messages from one client to another. Throws TypeError for a protocol without one, and for a module that exports none. */
export async function dialectOf(name: DialectName): Promise<PairDialect> {
  const dialect = await found(name)
  if (isDialect(dialect) && speaksInPairs(dialect)) return dialect
  throw new TypeError(`${name} has no dialect, with the functions greet and pair`)
}

/** For messages in groups. Throws TypeError likewise. */
export async function crowdDialectOf(name: DialectName): Promise<CrowdDialect> {
  const dialect = await found(name)
  if (isDialect(dialect) && speaksInGroups(dialect)) return dialect
  throw new TypeError(`${name} has no dialect, with the functions greet and crowd`)
}

async function found(name: DialectName): Promise<unknown> {
  const own = OWN[name]
  if (own) return own
  const suite: unknown = (await SUITES.get(name)?.()) ?? Reflect.get(await import(name), 'suite')
  return typeof suite === 'object' && suite !== null && Reflect.get(suite, 'dialect')
}

const OWN: Readonly<Record<string, Dialect>> = {
  relay,
  'crowd-relay': crowdRelay,
  nats,
  redis,
  mqtt,
  'across-nodes': acrossNodes,
}

/** Names a dialect across processes: one of the bench's own, a protocol's, or a module's, whose export `suite` has one. */
export type DialectName = string

function isDialect(value: unknown): value is Dialect {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'greet') === 'function'
}

function speaksInPairs(dialect: Dialect): dialect is PairDialect {
  return typeof dialect.pair === 'function'
}

function speaksInGroups(dialect: Dialect): dialect is CrowdDialect {
  return typeof dialect.crowd === 'function'
}
