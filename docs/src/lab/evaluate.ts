/** A server's source as a reader has edited it: types taken away, run, and the pattern that it exports. */
import * as core from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import * as asyncMutex from 'async-mutex'
import * as rxjs from 'rxjs'
import { transform } from 'sucrase'

/** What the files of the five import. */
const MODULES: Readonly<Record<string, unknown>> = { '@switchyard/core': core, 'async-mutex': asyncMutex, rxjs }

/** The source can't be run: what is wrong with it, in the words of whoever found it. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

/** Throws SourceError for what does not compile, imports something else, throws at once, or exports no pattern. */
export function patternOf(source: string): Pattern {
  const exported = Object.values(evaluated(compiled(source)))
  const pattern = exported.find(isPattern)
  if (!pattern) throw new SourceError('It exports no pattern: an object with a name, guarantees, an order and serve.')
  return pattern
}

function compiled(source: string): string {
  try {
    return transform(source, { transforms: ['typescript', 'imports'] }).code
  } catch (error) {
    throw new SourceError(`It does not compile: ${messageOf(error)}`)
  }
}

function evaluated(code: string): Record<string, unknown> {
  const exports: Record<string, unknown> = {}
  try {
    // oxlint-disable-next-line no-implied-eval -- to run what a reader wrote is what this page is for; it runs in a worker.
    new Function('require', 'exports', code)(moduleNamed, exports)
  } catch (error) {
    throw error instanceof SourceError ? error : new SourceError(`It throws when it is loaded: ${messageOf(error)}`)
  }
  return exports
}

function moduleNamed(name: string): unknown {
  const module = MODULES[name]
  if (module) return module
  throw new SourceError(`It imports "${name}": here there are only ${Object.keys(MODULES).join(', ')}.`)
}

function isPattern(value: unknown): value is Pattern {
  return (
    typeof value === 'object' &&
    value !== null &&
    'serve' in value &&
    typeof value.serve === 'function' &&
    'name' in value &&
    'guarantees' in value
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
