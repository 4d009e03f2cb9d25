import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LinkedQueue } from '../src/linked-queue.ts'

test('in any history it is what an array with push, shift and splice would be', () => {
  const acts = fc.array(fc.constantFrom('push', 'shift', 'replaceLast', 'takeAll'), { maxLength: 60, size: 'max' })
  fc.assert(
    fc.property(acts, (history) => {
      const queue = new LinkedQueue<number>()
      let model: number[] = []
      for (const [number, act] of history.entries()) {
        if (act === 'push') model.push(number)
        if (act === 'push') queue.push(number)
        if (act === 'shift') expect(queue.shift()?.item).toBe(model.shift())
        if (act === 'replaceLast') model.splice(-1, 1, number)
        if (act === 'replaceLast') queue.replaceLast(number) // Of none it makes one, as this `splice` does.
        if (act === 'takeAll') expect(queue.takeAll()).toEqual(model.splice(0))
        expect([queue.length, queue.first, queue.last]).toEqual([model.length, model[0], model.at(-1)])
        expect([...queue]).toEqual(model)
      }
    }),
  )
})

test('undefined may be in it', () => {
  const queue = new LinkedQueue<undefined>()
  queue.push(undefined)
  expect([queue.length, queue.shift() === undefined, queue.shift() === undefined]).toEqual([1, false, true])
})
