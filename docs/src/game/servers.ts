/** The servers of the levels: one with a fault or a price, and the sound one. */
import type { Guarantee, Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SCHEDULING_MUTANTS } from '@switchyard/mutants'
import { declaring } from '@switchyard/simulated'
import { edited } from '../lab/edits.ts'
import type { Edit } from '../lab/edits.ts'
import { exportsOf, patternOf } from '../lab/evaluate.ts'
import type { Sources } from '../lab/evaluate.ts'
import type { Contender } from './boards.ts'

/** What a level's server is. */
export type Code =
  /** Of `shared-tests/mutants`. */
  | { readonly kind: 'mutant'; readonly name: string }
  /** One of the five, of which more is asked than it promises. */
  | { readonly kind: 'price'; readonly pattern: string; readonly asks: Guarantee }
  /** A file with one passage changed: a pattern's, or a protocol's, which the reactor runs. */
  | ({ readonly kind: 'changed' } & Edit)

/** The file that the player is shown. */
export function fileOf(code: Code): string {
  switch (code.kind) {
    case 'mutant':
      return `shared-tests/mutants/src/${code.name}.ts`
    case 'price':
      return `impls/${code.pattern}/src/server.ts`
    case 'changed':
      return code.file
  }
}

/** The file's text, with the change. Throws RangeError where the file has no place for it, or more than one. */
export function textOf(code: Code, sources: Sources): string {
  if (code.kind === 'changed') return edited(code, sources)
  const file = fileOf(code)
  const text = sources[file]
  if (text === undefined) throw new RangeError(`there is no ${file}`)
  return text
}

export function contenderOf(code: Code, sources: Sources): Contender {
  switch (code.kind) {
    case 'mutant': {
      const mutant = SCHEDULING_MUTANTS.find(({ pattern }) => pattern.name === code.name)
      if (!mutant) throw new RangeError(`there is no mutant ${code.name}`)
      return { pattern: mutant.pattern }
    }
    case 'price':
      return { pattern: asked(patternNamed(code.pattern), code.asks) }
    case 'changed':
      return changed(code.file, textOf(code, sources), sources)
  }
}

/** What the player's order of events is given to afterwards, asked for the same. */
export function soundFor(code: Code): Contender {
  const reactor = patternNamed('reactor')
  return { pattern: code.kind === 'price' ? asked(reactor, code.asks) : reactor }
}

function changed(file: string, text: string, sources: Sources): Contender {
  const [folder] = /^protocols\/\w+\/src\//.exec(file) ?? []
  if (folder === undefined) return { pattern: patternOf(text) }
  return { pattern: patternNamed('reactor'), protocol: exportsOf(`${folder}index.ts`, { ...sources, [file]: text }) }
}

function asked(pattern: Pattern, asks: Guarantee): Pattern {
  return declaring({ pattern }, asks === 'G4' ? ['G2', 'G4'] : [asks]).pattern
}

function patternNamed(name: string): Pattern {
  const pattern = PATTERNS.find((each) => each.name === name)
  if (!pattern) throw new RangeError(`there is no pattern ${name}`)
  return pattern
}
