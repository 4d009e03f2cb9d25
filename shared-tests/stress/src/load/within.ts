import { setTimeout as delay } from 'node:timers/promises'

/** What `promise` settles with, or a rejection with what `late` makes if that takes longer than `ms`. */
export async function within<Value>(ms: number, promise: Promise<Value>, late: () => Error): Promise<Value> {
  const settled = new AbortController()
  const tooLate = delay(ms, undefined, { signal: settled.signal }).then(() => {
    throw late()
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    settled.abort()
    tooLate.catch(() => {}) // Aborted: that is how the timer ends.
  }
}
