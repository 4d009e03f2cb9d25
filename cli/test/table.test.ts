import { describe, expect, it } from 'vitest'
import { countCodeLines } from '../src/compare/code-lines.ts'

describe('lines of code', () => {
  it('are neither blank nor comment', () => {
    const text = [
      '/**',
      ' * header',
      ' */',
      '',
      'const a = 1 // why',
      '// alone',
      '/* one line */',
      'const b = `',
      '`',
    ].join('\n')
    expect(countCodeLines(text)).toBe(3)
  })
})
