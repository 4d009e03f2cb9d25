/** The files that a reader may edit, as they are in the repository, in the order in which they are taught. */
import { PATTERNS } from '@switchyard/impls'

const texts = import.meta.glob('../../../impls/*/src/server.ts', { query: '?raw', import: 'default', eager: true })

/** By the pattern's name. */
export const FILES: Readonly<Record<string, string>> = Object.fromEntries(
  PATTERNS.map(({ name }) => [name, texts[`../../../impls/${name}/src/server.ts`] ?? '']),
)
