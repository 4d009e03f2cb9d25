/** Runs a part of an experiment away from the page, which can end it. */
import { provideNodeGlobals } from './node-globals.ts'
import type { Asked, Beat, Verdict } from './verdict.ts'

export type Told =
  | { readonly kind: 'beat'; readonly beat: Beat }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'refused'; readonly message: string }

/** A beat is told at most so often, ms. */
const BEAT_MS = 100

provideNodeGlobals()

/** Behind the globals, which some of its modules take when they are loaded. */
const modules = Promise.all([import('./experiment.ts'), import('./files.ts')])

let told = 0

function beating(beat: Beat): void {
  const now = performance.now()
  if (now - told < BEAT_MS) return
  told = now
  tell({ kind: 'beat', beat })
}

function tell(what: Told): void {
  postMessage(what)
}

async function answer(asked: Asked): Promise<void> {
  try {
    const [{ experiment }, { SOURCES }] = await modules
    tell({ kind: 'verdict', verdict: await experiment(asked, SOURCES, beating) })
  } catch (error) {
    tell({ kind: 'refused', message: error instanceof Error ? error.message : String(error) })
  }
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => void answer(data))
