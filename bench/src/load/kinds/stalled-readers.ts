import { batchOf } from '@switchyard/harness'
import type { PairDialect } from '@switchyard/harness'
import type { Pair } from './pairs.ts'

const MESSAGE_BYTES = 1024
const BURST_BYTES = 64 * 1024
/** More than operating systems and bounded servers take for a client that does not read. */
const OFFERED_BYTES_MAX = 32 * 1024 * 1024

/** Receivers that stop reading, and the senders that flood them. */
export function stalledReaders(pairs: readonly Pair[], dialect: PairDialect): { start(): void; stop(): void } {
  let over = false
  function flood({ sender, receiver, fill }: Pair): void {
    const burst = batchOf([dialect.pair(sender, receiver).message(MESSAGE_BYTES, fill)], BURST_BYTES)
    let offeredBytes = 0
    const next = (): void => {
      if (over || offeredBytes >= OFFERED_BYTES_MAX) return
      offeredBytes += burst.length
      sender.write(burst, next)
    }
    next()
  }
  return {
    start() {
      for (const pair of pairs) {
        pair.receiver.stall()
        flood(pair)
      }
    },
    stop() {
      over = true
      for (const { sender } of pairs) sender.disown()
    },
  }
}
