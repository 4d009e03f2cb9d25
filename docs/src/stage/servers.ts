/** Every server of this repository that is written in one file: what a stage can run. */
import type { Pattern, Server } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { CONNECTION_MUTANTS, ROUTER_MUTANTS, SCHEDULING_MUTANTS } from '@switchyard/mutants'
import type { Mutant } from '@switchyard/mutants'
import { VARIANTS } from '@switchyard/variants'
import { unheard } from './lines.ts'

export interface StageServer {
  readonly name: string
  readonly kind: 'pattern' | 'variant' | 'mutant'
  /** From the repository's root. */
  readonly file: string
  readonly pattern: Pattern
}

export const FIVE: readonly StageServer[] = PATTERNS.map((pattern) => ({
  name: pattern.name,
  kind: 'pattern',
  file: `impls/${pattern.name}/src/server.ts`,
  pattern,
}))

export const SERVERS: readonly StageServer[] = [
  ...FIVE,
  ...VARIANTS.map((pattern) => standing('variants/src', 'variant', pattern)),
  ...mutants('shared-tests/mutants/src', SCHEDULING_MUTANTS),
  ...mutants('shared-tests/mutants/src/router', ROUTER_MUTANTS),
  ...mutants('shared-tests/mutants/src/connections', CONNECTION_MUTANTS),
]

function mutants(folder: string, group: readonly Mutant[]): StageServer[] {
  return group.map(({ pattern }) => standing(folder, 'mutant', pattern))
}

function standing(folder: string, kind: 'variant' | 'mutant', pattern: Pattern): StageServer {
  return { name: pattern.name, kind, file: `${folder}/${pattern.name}.ts`, pattern }
}

/** Throws TypeError for a name that no server has. */
export function serverNamed(name: string): StageServer {
  const server = SERVERS.find((candidate) => candidate.name === name)
  if (!server)
    throw new TypeError(`there is no server "${name}": it is one of ${SERVERS.map((s) => s.name).join(', ')}`)
  return server
}

/** A server's pattern; when a stage asks for statistics, that lights no line. */
export function watchedPattern({ pattern, file }: StageServer): Pattern {
  return {
    ...pattern,
    serve(protocol, listener, options): Server {
      const server = pattern.serve(protocol, listener, options)
      const shutdown = (): Promise<void> => server.shutdown()
      return {
        statistics: () => unheard(file, () => server.statistics()),
        waits: server.waits,
        shutdown,
        [Symbol.asyncDispose]: shutdown,
      }
    },
  }
}
