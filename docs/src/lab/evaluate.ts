/** Sources as a reader has edited them: types taken away, run, and what they export. */
import * as core from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import * as services from '@switchyard/services'
import * as asyncMutex from 'async-mutex'
import * as rxjs from 'rxjs'
import { transform } from 'sucrase'

/** Texts by their path from the repository's root. */
export type Sources = Readonly<Record<string, string>>

/** What a file exports. */
export type Exports = Readonly<Record<string, unknown>>

/** What the files import that may be edited. */
const MODULES: Readonly<Record<string, unknown>> = {
  '@switchyard/core': core,
  '@switchyard/services': services,
  'async-mutex': asyncMutex,
  rxjs,
}

/** The source can't be run: what is wrong with it, in the words of whoever found it. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
}

/** A server as a file exports it: a pattern, or a mutant, which says what breaks it. */
export interface Exported {
  readonly pattern: Pattern
  readonly seenBy?: string
}

/** Throws SourceError for what does not compile, imports something else, throws at once, or exports no server. */
export function serverIn(source: string): Exported {
  for (const exported of Object.values(exportsOf('server.ts', { 'server.ts': source }))) {
    if (isPattern(exported)) return { pattern: exported }
    if (isMutant(exported)) return exported
  }
  throw new SourceError('It exports no pattern: an object with a name, guarantees, an order and serve.')
}

export function patternOf(source: string): Pattern {
  return serverIn(source).pattern
}

/** What the file at `path` exports; files that it imports are taken from `sources` too. Throws SourceError. */
export function exportsOf(path: string, sources: Sources): Exports {
  const loaded = new Map<string, Record<string, unknown>>()
  return load(path)

  function load(file: string): Record<string, unknown> {
    const known = loaded.get(file)
    if (known) return known
    const source = sources[file]
    if (source === undefined) throw new SourceError(`It imports ${file}, which is not here.`)
    const exports: Record<string, unknown> = {}
    loaded.set(file, exports)
    run(file, compiled(source), exports)
    return exports
  }

  function run(file: string, code: string, exports: Record<string, unknown>): void {
    const required = (name: string): unknown => (name.startsWith('.') ? load(besides(file, name)) : moduleNamed(name))
    try {
      // oxlint-disable-next-line no-implied-eval -- to run what a reader wrote is what this page is for; it runs in a worker.
      new Function('require', 'exports', code)(required, exports)
    } catch (error) {
      throw error instanceof SourceError ? error : new SourceError(`It throws when it is loaded: ${messageOf(error)}`)
    }
  }
}

/** By the name that it is exported with: what it does is what is judged. */
export function isCopy<T extends abstract new (...given: never[]) => unknown>(
  value: unknown,
  _original: T,
): value is T {
  return typeof value === 'function'
}

export function missing(name: string): SourceError {
  return new SourceError(`It exports no ${name}.`)
}

function compiled(source: string): string {
  try {
    return transform(source, { transforms: ['typescript', 'imports'] }).code
  } catch (error) {
    throw new SourceError(`It does not compile: ${messageOf(error)}`)
  }
}

/** The path that `name`, which begins with a dot, means in `file`. */
function besides(file: string, name: string): string {
  return new URL(name, `file:///${file}`).pathname.slice(1)
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

function isMutant(value: unknown): value is Required<Exported> {
  return (
    typeof value === 'object' && value !== null && 'seenBy' in value && 'pattern' in value && isPattern(value.pattern)
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
