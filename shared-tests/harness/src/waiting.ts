import { liveClock } from '@switchyard/core'

/** Between two looks at whether something moves, ms. */
const LOOK_MS = 2

/** Real time. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void liveClock.after(ms, resolve))
}

/** Settles as `promise` does; if that takes longer than `ms` of real time, with what `late` returns or throws. Leaves no timer behind. */
export async function within<Value, Late>(
  ms: number,
  promise: Promise<Value>,
  late: () => Late,
): Promise<Value | Late> {
  let cancel = (): void => {}
  const tooLate = new Promise<void>((resolve) => {
    cancel = liveClock.after(ms, resolve)
  })
  try {
    return await Promise.race([promise, tooLate.then(late)])
  } finally {
    cancel()
  }
}

/** Whether `promise` settles, one way or the other, within `ms` of real time. Leaves no timer behind. */
export function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const settled = (): boolean => true
  return within(ms, promise.then(settled, settled), () => false)
}

/** Settles when `progress` has returned the same for `looks` looks in a row. */
export async function unmoved(progress: () => string, looks: number): Promise<void> {
  let last = progress()
  for (let same = 0; same < looks;) {
    await wait(LOOK_MS)
    const now = progress()
    same = now === last ? same + 1 : 0
    last = now
  }
}
