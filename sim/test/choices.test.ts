import { describe, expect, test } from 'vitest'
import { PctChoices, RandomChoices, Recording, ScheduleChoices } from '../src/index.ts'

describe('choices', () => {
  test('random ones are the same for the same seed, and take every value', () => {
    const answers = (seed: number): number[] => {
      const choices = new RandomChoices(seed)
      return Array.from({ length: 200 }, () => choices.choose(5))
    }
    expect(answers(1)).toEqual(answers(1))
    expect(answers(1)).not.toEqual(answers(2))
    expect(new Set(answers(1))).toEqual(new Set([0, 1, 2, 3, 4]))
  })

  test('a schedule answers in order, no more than there is, and 0 beyond its end', () => {
    const choices = new ScheduleChoices([1, 9, 2])
    expect([choices.choose(3), choices.choose(3), choices.choose(3), choices.choose(3)]).toEqual([1, 2, 2, 0])
  })

  test('a recording hands questions on and remembers the answers', () => {
    const recording = new Recording({
      choose: (count, kind, actors) => (kind === 'next' ? (actors?.[1] ?? 0) : count - 1),
    })
    expect([recording.choose(3, 'cut'), recording.choose(2, 'next', [4, 1])]).toEqual([2, 1])
    expect(recording.schedule).toEqual([2, 1])
  })
})

describe('priorities (PCT)', () => {
  const ACTORS = [3, 5, 8]

  function winners(seed: number, changes: number, questions: number): (number | undefined)[] {
    const choices = new PctChoices(seed, changes, questions)
    return Array.from({ length: questions }, () => ACTORS[choices.choose(3, 'next', ACTORS)])
  }

  test('without changes one actor goes on for as long as it can, and any actor may be that one', () => {
    const firsts = new Set<number | undefined>()
    for (let seed = 0; seed < 50; seed++) {
      const won = winners(seed, 0, 20)
      expect(new Set(won).size).toBe(1)
      for (const actor of won) firsts.add(actor)
    }
    expect(firsts).toEqual(new Set(ACTORS))
  })

  test('at each change the one that would go on falls behind the others, for good', () => {
    for (let seed = 0; seed < 50; seed++) {
      const won = winners(seed, 2, 20)
      const turns = won.filter((actor, index) => index === 0 || actor !== won[index - 1])
      expect(turns.length).toBeLessThanOrEqual(3)
      expect(new Set(turns).size).toBe(turns.length)
    }
  })

  test('changes fall anywhere in the estimated length', () => {
    const places = new Set<number>()
    for (let seed = 0; seed < 200; seed++) {
      const won = winners(seed, 1, 5)
      places.add(won.findIndex((actor) => actor !== won[0]))
    }
    // -1: before the first question is answered.
    expect(places).toEqual(new Set([-1, 1, 2, 3, 4]))
  })

  test('splits stay a matter of dice', () => {
    const choices = new PctChoices(1, 0, 10)
    expect(new Set(Array.from({ length: 50 }, () => choices.choose(3, 'cut'))).size).toBe(3)
  })
})
