/** The servers of the levels: one with a fault or a price, and the sound one. */
import type { Guarantee, Pattern, Protocol } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SCHEDULING_MUTANTS } from '@switchyard/mutants'
import { Chat } from '@switchyard/protocols/chat'
import { CHAT_OPTIONS } from '@switchyard/protocols/chat/simulated'
import { Epmd } from '@switchyard/protocols/epmd'
import { Mux } from '@switchyard/protocols/mux'
import { twoEnds } from '@switchyard/protocols/mux/simulated'
import { declaring } from '@switchyard/simulated'
import { exportsOf, patternOf, SourceError } from '../lab/evaluate.ts'
import type { Sources } from '../lab/evaluate.ts'
import type { Contender } from './boards.ts'

/** What a level's server is. */
export type Code =
  /** Of `shared-tests/mutants`. */
  | { readonly kind: 'mutant'; readonly name: string }
  /** One of the five, of which more is asked than it promises. */
  | { readonly kind: 'price'; readonly pattern: string; readonly asks: Guarantee | 'G12' }
  /** A file with one passage changed: of a protocol, which the reactor runs, or of a pattern. */
  | { readonly kind: 'changed'; readonly file: string; readonly from: string; readonly to: string }

/** The file that the player is shown; the change in it, if that is all. */
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

/** Throws RangeError for a level that the sources do not fit any more. */
export function contenderOf(code: Code, sources: Sources): Contender {
  switch (code.kind) {
    case 'mutant': {
      const mutant = SCHEDULING_MUTANTS.find(({ pattern }) => pattern.name === code.name)
      if (!mutant) throw new RangeError(`there is no mutant ${code.name}`)
      return { pattern: mutant.pattern }
    }
    case 'price': {
      const pattern = patternNamed(code.pattern)
      return { pattern: asked(pattern, code.asks) }
    }
    case 'changed':
      return changed(code.file, changedText(code, sources), sources)
  }
}

/** What the player's order is given to afterwards. `code` says what is asked of it. */
export function soundFor(code: Code): Contender {
  const reactor = patternNamed('reactor')
  return { pattern: code.kind === 'price' ? asked(reactor, code.asks) : reactor }
}

/** The file's text with the change. */
export function changedText({ file, from, to }: Extract<Code, { kind: 'changed' }>, sources: Sources): string {
  const [before, after, ...more] = (sources[file] ?? '').split(from)
  if (before === undefined || after === undefined || more.length > 0) throw new RangeError(`${file} must have once: ${from}`)
  return before + to + after
}

function changed(file: string, text: string, sources: Sources): Contender {
  const [, protocol] = /^protocols\/(\w+)\/src\//.exec(file) ?? []
  if (protocol === undefined) return { pattern: patternOf(text) }
  const exports = exportsOf(`protocols/${protocol}/src/index.ts`, { ...sources, [file]: text })
  return { pattern: patternNamed('reactor'), create: creating(exports) }
}

/** Makes the protocol that a folder exports, with what its simulation gives to its own. */
function creating(exports: Readonly<Record<string, unknown>>): () => Protocol {
  const { Chat: AChat, Epmd: AnEpmd, Mux: AMux } = exports
  if (isLike(AChat, Chat)) return () => new AChat(CHAT_OPTIONS)
  if (isLike(AnEpmd, Epmd)) return () => new AnEpmd({ port: 0, firstCreation: 4 })
  if (isLike(AMux, Mux)) return () => twoEnds(AMux)
  throw new SourceError('It exports no protocol that is simulated here.')
}

/** A class of that name: what it does is what the game is about. */
function isLike<T extends abstract new (...given: never[]) => unknown>(value: unknown, known: T): value is T {
  return typeof value === 'function' && value.name === known.name
}

function asked(pattern: Pattern, asks: Guarantee | 'G12'): Pattern {
  if (asks === 'G12') return { ...pattern, order: 'per-destination' }
  return declaring({ pattern }, asks === 'G4' ? ['G2', 'G4'] : [asks]).pattern
}

function patternNamed(name: string): Pattern {
  const pattern = PATTERNS.find((each) => each.name === name)
  if (!pattern) throw new RangeError(`there is no pattern ${name}`)
  return pattern
}
