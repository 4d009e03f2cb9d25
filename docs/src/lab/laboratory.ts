/** An experiment in a worker of its own, with an end: of itself, by the reader, or because it keeps its thread. */
import type { Task, Verdict } from './experiment.ts'
import type { Told } from './worker.ts'

/** A server that has kept the thread for so long does not come back by itself. */
export const SILENT_MS = 5_000

export type Ending =
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly seconds: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'stopped' }

/** Settles with how it ended; `signal` ends it. `progress` is called a few times a second. */
export function inWorker(
  task: Task,
  source: string,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<Ending> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' })
  const began = performance.now()
  return new Promise<Ending>((resolve) => {
    let silence: ReturnType<typeof setTimeout>
    const end = (ending: Ending): void => {
      clearTimeout(silence)
      worker.terminate()
      resolve(ending)
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
          return progress(data.text)
        case 'refused':
          return end(data)
        case 'verdict':
          return end({ ...data, seconds: (performance.now() - began) / 1000 })
      }
    })
    listen()
    worker.postMessage({ task, source }, [])
  })
}

const RUNAWAY = `It kept the thread for ${SILENT_MS / 1000} seconds and was ended. A loop that never waits, or waits only for what is done already?`
