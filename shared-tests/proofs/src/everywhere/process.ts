/**
 * What the browser's streams (readable-stream) take for Node's `process`. The npm package `process` runs its ticks by
 * `setTimeout`, milliseconds late, after a simulated event was thought settled; a microtask comes as soon as a promise.
 */
export const env = {}

export function nextTick<Args extends readonly unknown[]>(fn: (...args: Args) => void, ...args: Args): void {
  queueMicrotask(() => fn(...args))
}
