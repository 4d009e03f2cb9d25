import { describe, expect, test } from 'vitest'
import { isName, NameSequence } from '../src/names.ts'
import { ADJECTIVES, ANIMALS } from '../src/words.ts'
import { clause } from './support.ts'

const PAIRS = ADJECTIVES.length * ANIMALS.length

function take(sequence: NameSequence, count: number): string[] {
  return Array.from({ length: count }, () => sequence.next())
}

describe('C2 Names', () => {
  clause('C2.1', 'an adjective and an animal, of 8 to 12 letters', 'whichever two words', () => {
    for (const words of [ADJECTIVES, ANIMALS]) {
      expect(new Set(words).size).toBe(words.length)
      for (const word of words) expect(word).toMatch(/^[A-Z][a-z]{3,5}$/)
    }
  })

  clause('C2.1', 'never the same one twice', 'each pair once, then each with a number', () => {
    const sequence = new NameSequence(1)
    const [first, second] = [take(sequence, PAIRS), take(sequence, PAIRS)]
    expect(new Set(first).size).toBe(PAIRS)
    for (const name of first) expect(name).toMatch(/^(?=.{8,12}$)[A-Z][a-z]+[A-Z][a-z]+$/)
    expect(second).toEqual(first.map((name) => `${name}2`))
    expect(second.every(isName)).toBe(true)
  })

  clause('C2.1', 'in an order that a seed decides', 'the same one twice, another one for another seed', () => {
    const start = take(new NameSequence(7), 100)
    expect(take(new NameSequence(7), 100)).toEqual(start)
    for (const seed of [0, 6, 8, 2 ** 32 - 1]) {
      const other = take(new NameSequence(seed), 100)
      expect(other.filter((name, index) => name === start[index]).length, `seed ${seed}`).toBeLessThan(5)
    }
  })

  test('a seed gives these names in any version: transcripts and replays have them', () => {
    expect(take(new NameSequence(7), 4)).toEqual(['LavishMerlin', 'SuperVole', 'BoldCougar', 'AzureLemur'])
  })

  test('looks random: words are spread evenly, and neighbours share none', () => {
    const names = take(new NameSequence(3), 2000)
    const adjectives = names.map((name) => name.slice(0, name.slice(1).search(/[A-Z]/) + 1))
    const counts = new Map<string, number>()
    for (const adjective of adjectives) counts.set(adjective, (counts.get(adjective) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeLessThan(4 * (2000 / ADJECTIVES.length))
    const repeats = adjectives.filter((adjective, index) => adjective === adjectives[index - 1]).length
    expect(repeats).toBeLessThan(4 * (2000 / ADJECTIVES.length))
  })

  clause('C2.2', '2 to 20 ASCII letters, digits, hyphens and underscores', 'at both edges, and nothing else', () => {
    for (const name of ['ab', 'a'.repeat(20), 'A-_0', '--', '__proto__', 'constructor']) expect(isName(name)).toBe(true)
    for (const text of ['', 'a', 'a'.repeat(21), 'a b', 'é9', 'a:', 'ab\n', '\nab', 'a/b'])
      expect(isName(text)).toBe(false)
  })
})
