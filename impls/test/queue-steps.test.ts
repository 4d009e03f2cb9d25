/** No queue costs more for each value the more it holds: what array methods look at or move is counted, not timed. */
import { expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'
import { StalledReaders } from '../../shared-tests/proofs/src/memory/stalled-readers.ts'

const LINEAR = ['shift', 'unshift', 'splice', 'includes', 'indexOf', 'find', 'slice', 'concat'] as const

const methods: object = Array.prototype

/** Values that such methods look at or move at most meanwhile: all that their array has. */
async function stepsOf(run: () => Promise<void>): Promise<number> {
  let steps = 0
  const real = LINEAR.map((name) => [name, Object.getOwnPropertyDescriptor(methods, name) ?? {}] as const)
  for (const [name, property] of real) {
    const method: unknown = property.value
    function counting(this: readonly unknown[], ...args: unknown[]): unknown {
      steps += this.length
      return Reflect.apply(Object(method), this, args)
    }
    Object.defineProperty(methods, name, { ...property, value: counting })
  }
  try {
    await run()
  } finally {
    for (const [name, property] of real) Object.defineProperty(methods, name, property)
  }
  return steps
}

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))(
  '%s: twice as many messages for readers that stall, and then read, take twice as many steps at most',
  async (_, pattern) => {
    const steps = async (chunks: number): Promise<number> => {
      const stalled = await StalledReaders.of(pattern, 4)
      return stepsOf(async () => {
        await stalled.send(1, chunks)
        await stalled.readAll()
      })
    }
    const [once, twice] = [await steps(900), await steps(1_800)]
    expect(twice).toBeLessThan(2.2 * once + 1_000)
  },
)
