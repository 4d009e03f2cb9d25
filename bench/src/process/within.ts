import { setTimeout as delay } from 'node:timers/promises'

/** What `promise` settles with; undefined if that takes longer than `ms`. The timer does not outlive the answer. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  const settled = new AbortController()
  try {
    return await Promise.race([promise, delay(ms, undefined, { signal: settled.signal })])
  } finally {
    settled.abort()
  }
}
