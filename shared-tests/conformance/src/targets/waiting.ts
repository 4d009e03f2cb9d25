import { liveClock } from '@switchyard/core'

/** Between two looks at whether something moves, ms. */
const LOOK_MS = 2

/** Real time. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void liveClock.after(ms, resolve))
}

/** Whether `promise` settles, one way or the other, within `ms` of real time. Leaves no timer behind. */
export function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = liveClock.after(ms, () => resolve(false))
    const settled = (): void => {
      cancel()
      resolve(true)
    }
    promise.then(settled, settled)
  })
}

/** Settles when `progress` has answered the same for `looks` looks in a row. */
export async function unmoved(progress: () => string, looks: number): Promise<void> {
  let last = progress()
  for (let same = 0; same < looks;) {
    await wait(LOOK_MS)
    const now = progress()
    same = now === last ? same + 1 : 0
    last = now
  }
}
