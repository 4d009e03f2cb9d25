/** The files that a reader may edit, as they are in the repository. */
import { PATTERNS } from '@switchyard/impls'
import { VARIANTS } from '@switchyard/variants'
import type { Sources } from './evaluate.ts'

/** A file by the name that links have. */
export interface LabFile {
  readonly name: string
  /** From the repository's root. */
  readonly path: string
}

const texts = import.meta.glob(
  [
    '../../../impls/*/src/server.ts',
    '../../../variants/src/*.ts',
    '../../../shared-tests/mutants/src/*.ts',
    '../../../protocols/{router,chat,epmd}/src/*.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
)

const UP = '../../../'

/** By their paths: what an edited file imports, too. */
export const SOURCES: Sources = Object.fromEntries(
  Object.entries(texts).map(([path, text]) => [path.slice(UP.length), text]),
)

/** In the order in which they are taught; docs/lab.md says what judges each group. */
export const FILES: Readonly<Record<'The five' | 'Variants' | 'Protocols, run by the reactor', readonly LabFile[]>> = {
  'The five': PATTERNS.map(({ name }) => ({ name, path: `impls/${name}/src/server.ts` })),
  Variants: VARIANTS.map(({ name }) => ({ name, path: `variants/src/${name}.ts` })).filter(runsEverywhere),
  'Protocols, run by the reactor': [
    { name: 'chat', path: 'protocols/chat/src/chat.ts' },
    { name: 'chat-rooms', path: 'protocols/chat/src/rooms.ts' },
    { name: 'chat-lines', path: 'protocols/chat/src/line-reader.ts' },
    { name: 'chat-commands', path: 'protocols/chat/src/commands.ts' },
    { name: 'epmd', path: 'protocols/epmd/src/epmd.ts' },
    { name: 'epmd-codec', path: 'protocols/epmd/src/codec.ts' },
  ],
}

/** What takes types away leaves `using` as it is, which not every browser knows. */
function runsEverywhere({ path }: LabFile): boolean {
  return !/^ *using /m.test(textOf(path))
}

/** Throws RangeError for a path that is not here. */
export function textOf(path: string): string {
  const text = SOURCES[path]
  if (text === undefined) throw new RangeError(`there is no ${path}`)
  return text
}
