import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const dist = new URL('../../dist/everywhere/', import.meta.url)

/** What Node has built in, for a page: the same streams from npm, and ticks that come as soon as promises. */
const ALIASES = {
  'node:stream': 'readable-stream',
  'process/': fileURLToPath(new URL('process.js', dist)),
}

/** One script for a page, of a module in `dist/`: the servers' own files, the simulator, the judge, and streams. */
export async function bundle(module: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(module, dist)),
    platform: 'browser',
    // `core` has real listeners too; nobody here calls for one, so that the import goes away.
    external: ['node:net'],
    treeshake: { moduleSideEffects: [{ test: /^node:/, sideEffects: false }] },
    resolve: { alias: ALIASES },
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message)
    },
  })
  try {
    const { output } = await build.generate({ format: 'iife' })
    if (output.length > 1) throw new Error(`${output.length} files instead of one script`)
    return output[0].code
  } finally {
    await build.close()
  }
}
