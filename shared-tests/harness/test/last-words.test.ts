import { describe, expect, it } from 'vitest'
import { LastWords } from '../src/process/last-words.ts'
import { printable } from '../src/printable.ts'

describe('last words', () => {
  it('are the first three lines and the last seven', () => {
    const words = new LastWords()
    words.take(Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join(''))
    expect(words.lines()).toEqual([
      ...[0, 1, 2].map((line) => `line ${line}`),
      '(90 lines more)',
      ...[93, 94, 95, 96, 97, 98, 99].map((line) => `line ${line}`),
    ])
  })

  it('join what chunks have cut, and keep what no line end has ended', () => {
    const words = new LastWords()
    for (const part of ['Err', 'or: no', '\n\nsuch', ' luck']) words.take(part)
    expect(words.lines()).toEqual(['Error: no', 'such luck'])
  })

  it('have the error that Node prints behind a line that points', () => {
    const words = new LastWords()
    words.take('node:internal:1\n  throw err;\n  ^\n\nError: what it was\n')
    for (let frame = 0; frame < 20; frame++) words.take(`    at frame ${frame}\n`)
    expect(words.lines()).toContain('Error: what it was')
  })

  it('are bounded, however long a line is', () => {
    const words = new LastWords()
    for (let i = 0; i < 1_000; i++) words.take('x'.repeat(10_000))
    expect(words.lines().join('').length).toBeLessThan(1_000)
  })

  it('show what a terminal would obey, or turn around', () => {
    const words = new LastWords()
    words.take('\u{1b}[2Jcleared, and \u{202e}drawkcab\n')
    expect(words.lines()).toEqual(['\\u{1b}[2Jcleared, and \\u{202e}drawkcab'])
    expect(printable('tidy')).toBe('tidy')
  })
})
