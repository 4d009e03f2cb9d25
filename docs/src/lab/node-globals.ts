/** What the suite takes from Node and a worker has not: its clients' Buffer, and turns of the loop. */
import { Buffer } from 'node:buffer'

/** To be called before anything of the suite runs. */
export function provideNodeGlobals(): void {
  const { port1: due, port2: later } = new MessageChannel()
  const turns = new Map<number, () => void>()
  let turn = 0
  due.addEventListener('message', () => {
    const [[next, run] = []] = turns
    if (next === undefined) return
    turns.delete(next)
    run?.()
  })
  due.start()

  /** A message to oneself comes in the next turn, and not, as a timer may, milliseconds later. */
  function setImmediate(run: () => void): number {
    turns.set(++turn, run)
    later.postMessage(null, [])
    return turn
  }

  function clearImmediate(which: number): void {
    if (turns.has(which)) turns.set(which, () => {})
  }

  Object.assign(globalThis, { Buffer, setImmediate, clearImmediate })
}
