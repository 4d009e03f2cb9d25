/** Runs one experiment away from the page, which can end it. */
import { experiment } from './experiment.ts'
import type { Task, Verdict } from './experiment.ts'
import { provideNodeGlobals } from './node-globals.ts'

export interface Asked {
  readonly task: Task
  readonly source: string
}

export type Told =
  | { readonly kind: 'beat'; readonly text: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'refused'; readonly message: string }

/** A beat is told at most so often, ms. */
const BEAT_MS = 100

provideNodeGlobals()

let told = 0

function beat(text: string): void {
  const now = performance.now()
  if (now - told < BEAT_MS) return
  told = now
  tell({ kind: 'beat', text })
}

function tell(what: Told): void {
  postMessage(what)
}

addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  experiment(data.task, data.source, beat).then(
    (verdict) => tell({ kind: 'verdict', verdict }),
    (error: unknown) => tell({ kind: 'refused', message: error instanceof Error ? error.message : String(error) }),
  )
})
