import type { Dialect, DialectName } from './dialects/dialect.ts'
import { nats } from './dialects/nats.ts'
import { relay } from './dialects/relay.ts'
import { router } from './dialects/router.ts'

/** Throws TypeError for a module that exports none. */
export async function dialectOf(name: DialectName): Promise<Dialect> {
  switch (name) {
    case 'router':
      return router
    case 'relay':
      return relay
    case 'nats':
      return nats
    default:
      return imported(name.module)
  }
}

async function imported(module: string): Promise<Dialect> {
  const { dialect }: { dialect?: unknown } = await import(module)
  if (isDialect(dialect)) return dialect
  throw new TypeError(`${module} exports no \`dialect\` with the functions greet, encode and arriving`)
}

function isDialect(value: unknown): value is Dialect {
  if (typeof value !== 'object' || value === null) return false
  return ['greet', 'encode', 'arriving'].every((name) => typeof Reflect.get(value, name) === 'function')
}
