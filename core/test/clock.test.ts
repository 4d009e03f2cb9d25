import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { liveClock, ManualClock } from '../src/clock.ts'
import { listen, portOf } from '../src/tcp/listen.ts'
import { ticks } from './support.ts'

describe('the manual clock', () => {
  test('stands still until told to move', () => {
    const clock = new ManualClock()
    expect([clock.now(), clock.now()]).toEqual([0, 0])
    clock.advance(5)
    clock.advance(0)
    expect(clock.now()).toBe(5)
  })

  test.each([
    [9, []],
    [10, ['due']],
    [11, ['due']],
  ])('a timer of 10 ms after %d ms', (ms, expected) => {
    const clock = new ManualClock()
    const calls: string[] = []
    clock.after(10, () => calls.push('due'))
    clock.advance(ms)
    expect(calls).toEqual(expected)
    clock.advance(100)
    expect(calls).toEqual(['due'])
  })

  test('calls what falls due earliest first, in the order asked for where that is the same, each at its own time', () => {
    const clock = new ManualClock()
    const calls: string[] = []
    for (const [ms, name] of [
      [30, 'c'],
      [10, 'a'],
      [20, 'b'],
      [10, 'A'],
      [40, 'd'],
    ] as const) {
      clock.after(ms, () => calls.push(`${name} at ${clock.now()}`))
    }
    clock.advance(35)
    expect(calls).toEqual(['a at 10', 'A at 10', 'b at 20', 'c at 30'])
    expect(clock.now()).toBe(35)
    expect(clock.pending).toBe(1)
  })

  test('a timer that is cancelled is not called; cancelling twice, or late, is harmless', () => {
    const clock = new ManualClock()
    const calls: string[] = []
    const cancel = clock.after(10, () => calls.push('cancelled'))
    const cancelLate = clock.after(10, () => calls.push('late'))
    expect(clock.pending).toBe(2)
    cancel()
    cancel()
    expect(clock.pending).toBe(1)
    clock.advance(10)
    cancelLate()
    expect(calls).toEqual(['late'])
    expect(clock.pending).toBe(0)
  })

  test('a timer may cancel one that is due at the same moment', () => {
    const clock = new ManualClock()
    const calls: string[] = []
    clock.after(10, () => cancel())
    const cancel = clock.after(10, () => calls.push('cancelled'))
    clock.advance(10)
    expect(calls).toEqual([])
  })

  test('a timer that a timer asks for is called in the same advance if it falls due in it', () => {
    const clock = new ManualClock()
    const calls: number[] = []
    const again = (): void => {
      calls.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    clock.advance(35)
    expect(calls).toEqual([10, 20, 30])
    expect(clock.pending).toBe(1)
  })

  test('never goes back, not even when a timer moves it further than it was told to go', () => {
    const clock = new ManualClock()
    clock.after(5, () => clock.advance(100))
    clock.advance(10)
    expect(clock.now()).toBe(105)
  })
})

describe.each([
  ['live', liveClock],
  ['manual', new ManualClock()],
])('turns of the %s clock', (_, clock) => {
  test('end after every tick and promise, in the order asked for; what they ask for is the next turn', async () => {
    const calls: string[] = []
    await new Promise<void>((done) => {
      clock.turn(() => {
        calls.push('first')
        clock.turn(() => {
          calls.push('next turn')
          done()
        })
      })
      clock.turn(() => calls.push('second'))
      process.nextTick(() => calls.push('tick'))
      void Promise.resolve().then(() => calls.push('promise'))
      calls.push('now')
    })
    expect(calls.slice(1, 3).toSorted()).toEqual(['promise', 'tick'])
    expect([calls[0], ...calls.slice(3)]).toEqual(['now', 'first', 'second', 'next turn'])
  })
})

describe('the live clock', () => {
  test('never goes back', () => {
    const times = Array.from({ length: 1000 }, () => liveClock.now())
    expect(times).toEqual(times.toSorted((left, right) => left - right))
  })

  test('calls once, later, and not what was cancelled', async () => {
    const calls: string[] = []
    const cancel = liveClock.after(0, () => calls.push('cancelled'))
    const called = new Promise<void>((resolve) => {
      liveClock.after(1, () => {
        calls.push('called')
        resolve()
      })
    })
    expect(calls).toEqual([])
    cancel()
    cancel()
    await called
    expect(calls).toEqual(['called'])
  })

  test('after a pause of this process, what has arrived meanwhile is seen before what fell due', async () => {
    const listener = await listen()
    const client = connect(portOf(listener), '127.0.0.1')
    try {
      const [socket]: Socket[] = await once(listener, 'connection')
      const order: string[] = []
      const fallsDue = new Promise<void>((resolve) => {
        liveClock.after(5, () => {
          order.push('deadline')
          resolve()
        })
      })
      socket?.on('readable', () => void order.push('arrival'))
      socket?.read(0)
      client.write('x') // The kernel has it before `write` returns.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
      await fallsDue
      expect(order).toEqual(['arrival', 'deadline'])
      socket?.destroy()
    } finally {
      client.destroy()
      listener.close()
    }
  })

  test('does not call what is cancelled between falling due and the end of the turn', async () => {
    const calls: string[] = []
    const cancel = liveClock.after(1, () => calls.push('cancelled'))
    await new Promise<void>((resolve) => void setTimeout(resolve, 1))
    cancel()
    await ticks()
    expect(calls).toEqual([])
  })
})
