import { pathToFileURL } from 'node:url'
import type { Limits, Protocol } from '@switchyard/core'
import { Misuse } from '../exit.ts'

/** A reader's own protocol: a module that exports `createProtocol(limits)`. Throws Misuse for one that does not. */
export async function protocolOf(path: string): Promise<(limits: Limits) => Protocol> {
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new Misuse(`--protocol: ${path} can't be loaded: ${String(error)}`)
  })
  const create: unknown = typeof module === 'object' && module !== null && Reflect.get(module, 'createProtocol')
  if (typeof create !== 'function') {
    throw new Misuse(
      `--protocol: ${path} must export createProtocol(limits), which makes a Protocol of @switchyard/core.`,
    )
  }
  return (limits) => create(limits)
}
