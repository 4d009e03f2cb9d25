import { expect, test } from 'vitest'
import { Turns } from '../src/turns.ts'
import { SteppedClock } from './support.ts'

test('a turn has one number; the next has another', async () => {
  const clock = new SteppedClock()
  const turns = new Turns(clock)
  const first = turns.current
  expect(turns.current).toBe(first)
  await clock.endTurn()
  const second = turns.current
  expect(second).not.toBe(first)
  await clock.endTurn()
  expect([first, second]).not.toContain(turns.current)
})

test('the number is never 0, so that 0 can stand for no turn', () => {
  expect(new Turns(new SteppedClock()).current).not.toBe(0)
})

test('calls come when the turn ends, once, in the order asked for; what they ask for is the next turn', async () => {
  const clock = new SteppedClock()
  const turns = new Turns(clock)
  const calls: string[] = []
  turns.atEnd(() => {
    calls.push(`first in ${turns.current}`)
    turns.atEnd(() => calls.push(`third in ${turns.current}`))
  })
  turns.atEnd(() => calls.push(`second in ${turns.current}`))
  const { current } = turns
  expect(calls).toEqual([])
  await clock.endTurn()
  // The turn is over when they are called: a number taken now is the next turn's.
  expect(calls).toEqual([`first in ${current + 1}`, `second in ${current + 1}`])
  await clock.rest()
  expect(calls.slice(2)).toEqual([`third in ${current + 2}`])
})

test('one call of the clock serves a whole turn, and none is due while nothing happens', async () => {
  const clock = new SteppedClock()
  const turns = new Turns(clock)
  expect(clock.turnsDue).toBe(0)
  for (let count = 0; count < 10; count++) {
    void turns.current
    turns.atEnd(() => {})
  }
  expect(clock.turnsDue).toBe(1)
  await clock.endTurn()
  expect(clock.turnsDue).toBe(0)
})
