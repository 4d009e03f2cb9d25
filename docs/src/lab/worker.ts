/** Runs a part of an experiment away from the page, which can end it. */
import { experiment } from './experiment.ts'
import type { Asked, Beat, Verdict } from './experiment.ts'
import { SOURCES } from './files.ts'
import { provideNodeGlobals } from './node-globals.ts'

export type Told =
  | { readonly kind: 'beat'; readonly beat: Beat }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'refused'; readonly message: string }

/** A beat is told at most so often, ms. */
const BEAT_MS = 100

provideNodeGlobals()

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

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  experiment(data, SOURCES, beating).then(
    (verdict) => tell({ kind: 'verdict', verdict }),
    (error: unknown) => tell({ kind: 'refused', message: error instanceof Error ? error.message : String(error) }),
  )
})
