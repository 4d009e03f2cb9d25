/** The child's side of a channel to the parent that forked it. */

/** This process exits when its parent is gone, whatever took the parent. Throws TypeError if it never had one. */
export function endWithParent(): void {
  if (!process.send) throw new TypeError('this module runs in a process of its own: start it with fork')
  if (!process.connected) process.exit() // The parent went while this process was still loading.
  process.once('disconnect', () => process.exit())
}

export function tellParent(message: object): void {
  process.send?.(message)
}
