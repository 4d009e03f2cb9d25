/** An experiment in workers of its own, with an end: of itself, by the reader, or because one keeps its thread. */
import { merged } from './verdict.ts'
import type { Asked, Beat, Task, Verdict } from './verdict.ts'
import type { Told } from './worker.ts'

/** A server that has kept the thread for so long does not come back by itself. */
export const SILENT_MS = 5_000
/** More of them would mostly load the same code again. */
const WORKERS_MAX = 2

export type Ending =
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly seconds: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'stopped' }

type Part = Verdict | Exclude<Ending, { kind: 'verdict' }>

/** Settles with how it ended; `signal` ends it. `progress` is called a few times a second. */
export async function inWorkers(
  task: Task,
  path: string,
  text: string,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<Ending> {
  const began = performance.now()
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const of = Math.min(WORKERS_MAX, navigator.hardwareConcurrency)
  const beats: Beat[] = []
  const parts = await Promise.all(
    Array.from({ length: of }, async (_, index) => {
      const part = await inWorker({ task, path, text, index, of }, heard(index), either)
      // What the first part finds is the verdict; and what can't be run can't be run by the others.
      if (part.kind === 'refused' || (index === 0 && part.kind === 'explored' && part.found)) over.abort()
      return part
    }),
  )
  if (signal.aborted) return { kind: 'stopped' }
  const refused = parts.find((part) => part.kind === 'refused')
  if (refused) return refused
  const verdicts = parts.filter((part) => part.kind === 'judged' || part.kind === 'explored')
  return { kind: 'verdict', verdict: merged(verdicts), seconds: (performance.now() - began) / 1000 }

  function heard(index: number): (beat: Beat) => void {
    return (beat) => {
      beats[index] = beat
      progress(inWords(task, Object.values(beats)))
    }
  }
}

function inWords(task: Task, beats: readonly Beat[]): string {
  if (beats.some(({ shrinking }) => shrinking)) return 'making what was found small'
  const sum = (what: 'done' | 'total'): number => beats.reduce((all, beat) => all + beat[what], 0)
  return `${sum('done')} of ${sum('total')} ${task === 'judge' ? 'cases' : 'schedules'}`
}

function inWorker(asked: Asked, heard: (beat: Beat) => void, signal: AbortSignal): Promise<Part> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' })
  return new Promise<Part>((resolve) => {
    let silence: ReturnType<typeof setTimeout>
    const end = (part: Part): void => {
      clearTimeout(silence)
      worker.terminate()
      resolve(part)
    }
    const listen = (): void => {
      clearTimeout(silence)
      silence = setTimeout(() => end({ kind: 'refused', message: RUNAWAY }), SILENT_MS)
    }
    signal.addEventListener('abort', () => end({ kind: 'stopped' }))
    worker.addEventListener('error', ({ message }) => end({ kind: 'refused', message }))
    worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
      listen()
      switch (data.kind) {
        case 'beat':
          return heard(data.beat)
        case 'refused':
          return end(data)
        case 'verdict':
          return end(data.verdict)
      }
    })
    listen()
    worker.postMessage(asked, [])
  })
}

const RUNAWAY = `It kept the thread for ${SILENT_MS / 1000} seconds and was ended. A loop that never waits, or waits only for what is done already?`
