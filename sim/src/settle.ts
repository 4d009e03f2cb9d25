/**
 * One macrotask: by then every tick and promise that follows from an event has happened, since nothing else waits. (With
 * turns and timers on the simulated clock one hop is exact: streams, RxJS and async-mutex use only ticks and promises.)
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => hop(resolve))
}

/** A browser has no `setImmediate`, and its timers come milliseconds late; a message to oneself comes at once. */
const hop: (then: () => void) => void = typeof setImmediate === 'function' ? setImmediate : messageHop()

function messageHop(): (then: () => void) => void {
  const waiting: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.addEventListener('message', () => waiting.shift()?.())
  port1.start()
  return (then) => {
    waiting.push(then)
    port2.postMessage(null)
  }
}
