/** The files that levels show and change, as they are in the repository. Large: only the game imports it. */
import type { Sources } from '../lab/evaluate.ts'

const texts = import.meta.glob(
  [
    '../../../impls/*/src/server.ts',
    '../../../shared-tests/mutants/src/*.ts',
    '../../../protocols/{router,chat,epmd,mux,nodes}/src/**/*.ts',
  ],
  { query: '?raw', import: 'default', eager: true },
)

const UP = '../../../'

export const SOURCES: Sources = Object.fromEntries(
  Object.entries(texts).map(([path, text]) => [path.slice(UP.length), text]),
)
