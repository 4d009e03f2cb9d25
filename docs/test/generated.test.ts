/** What is made from the code and committed is what the code would make now: `npm run docs:generate`. */
import { GUARANTEES } from '@switchyard/core'
import { describe, expect, it } from 'vitest'
import { crossover } from '../src/generate/crossover.ts'
import { figuresOf } from '../src/generate/figures.ts'
import { membersOf, plainComment } from '../src/generate/members.ts'
import { pagesOf } from '../src/generate/pages.ts'
import { read, root } from './support.ts'

const made = await pagesOf(root)

describe('generated pages', () => {
  it.each(made.map(({ path, text }) => [path, text] as const))('%s is up to date', (path, text) => {
    expect(read(`docs/${path}`), 'npm run docs:generate').toBe(text)
  })

  it('the curves of the decision page are those of the servers', async () => {
    expect(JSON.parse(read('docs/crossover.json'))).toEqual(await crossover())
  }, 120_000)

  it('every limit has a default, a range and a sentence', () => {
    const rows = read('docs/reference/limits.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    expect(rows.length).toBe(8)
    for (const row of rows) expect(row).toMatch(/^\| `\w+` \| [\d,]+ \| from \d+ to \d+ \| R\d\.\d: .+ \|$/)
  })

  it('no cell of the guarantees is without its proof', () => {
    const cells = read('docs/reference/guarantees.md').match(/\[(?:yes|no)\]\([^)]+\)/g) ?? []
    expect(cells.length).toBeGreaterThanOrEqual(5 * GUARANTEES.length)
    expect(read('docs/reference/guarantees.md')).not.toContain('not proved yet')
  })
})

describe('what pages are made of', () => {
  it('reads the members of an interface with their comments', () => {
    const source = 'interface A {\n  /** One\n   * two. */\n  readonly b: number\n  c?: string\n}\n'
    expect(membersOf(source, 'A')).toEqual([
      { name: 'b', type: 'number', comment: 'One two.' },
      { name: 'c', type: 'string', comment: '' },
    ])
    expect(() => membersOf(source, 'B')).toThrow(/no interface B/)
    expect(plainComment('/** x */')).toBe('x')
  })

  it('refuses results of another version', () => {
    expect(() => figuresOf('{"schema":3,"made":{},"machine":{},"rows":[]}')).toThrow(/schema 3, not 2/)
  })
})
