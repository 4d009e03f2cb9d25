import type { Pattern } from '@switchyard/core'
import { PATTERNS as FIVE } from '@switchyard/impls'
import { awaitPerMessage, plain, VARIANTS as VARIANT_PATTERNS } from '@switchyard/variants'

/** A server that the command knows by name, and the one file in which it is written. */
export interface Known {
  readonly pattern: Pattern
  readonly file: string
}

/** The five, in the order in which they are taught. */
export const PATTERNS: readonly Known[] = FIVE.map((pattern) => ({
  pattern,
  file: `impls/${pattern.name}/src/server.ts`,
}))

/** Servers that do it differently. */
export const VARIANTS: readonly Known[] = VARIANT_PATTERNS.map(variant)

/** The two of them that stand below the line of a comparison. */
export const BASELINES: readonly Known[] = [plain, awaitPerMessage].map(variant)

function variant(pattern: Pattern): Known {
  return { pattern, file: `variants/src/${pattern.name}.ts` }
}

export const NAMES: readonly string[] = [...PATTERNS, ...VARIANTS].map(({ pattern }) => pattern.name)

/** What is to be served, by its name: a mutant, too, and those are loaded only for one of theirs. Throws Misuse for one that nobody has. */
export async function toServe(name: string): Promise<Known> {
  const own = [...PATTERNS, ...VARIANTS].find(({ pattern }) => pattern.name === name)
  return own ?? (await import('./mutants.ts')).known(name)
}
