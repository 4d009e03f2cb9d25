/** How often this process is kept from its work. */
const EVERY_MS = 2

/**
 * Keeps this process busy with nothing for the share `slowdown` of the time, spread evenly: a planted fault. Late timers
 * make up for it, so a process that is busy loses as large a share as one that is not.
 */
export function slowDown(slowdown: number): void {
  if (!(slowdown > 0 && slowdown < 1)) throw new RangeError(`slowdown is ${slowdown}: it must lie between 0 and 1`)
  let workedSinceMs = performance.now()
  setInterval(() => {
    const now = performance.now()
    const until = now + ((now - workedSinceMs) * slowdown) / (1 - slowdown)
    while (performance.now() < until);
    workedSinceMs = performance.now()
  }, EVERY_MS).unref()
}
