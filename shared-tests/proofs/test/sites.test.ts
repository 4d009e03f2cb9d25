import { describe, expect, it } from 'vitest'
import { sitesOf, withoutSite } from '../src/deletions/sites.ts'

const SOURCE = `import { a } from 'a'
export const kept = 1
async function run(): Promise<void> {
  const x = await a()
  for (const each of x) if (each) break
  return
}
`

describe('sites', () => {
  const sites = sitesOf('example.ts', SOURCE)

  it('are the statements inside of functions and the awaits, in the order of the text', () => {
    expect(sites.map(({ kind, line, text }) => `${kind} ${line} ${text}`)).toEqual([
      'statement 4 const x = await a()',
      'await 4 await a()',
      'statement 5 for (const each of x) if (each) break',
      'statement 5 if (each) break',
      'statement 5 break',
      'statement 6 return',
    ])
    expect(new Set(sites.map(({ within }) => within))).toEqual(new Set(['run']))
  })

  it('are deleted one at a time, and what is left still parses', () => {
    const deleted = sites.map((site) => withoutSite(SOURCE, site))
    expect(deleted[1]).toContain('const x =  a()')
    expect(deleted[4]).toContain('if (each) ;')
    for (const text of deleted) expect(() => sitesOf('example.ts', text)).not.toThrow()
  })

  it('are not to be had of a file that does not parse', () => {
    expect(() => sitesOf('example.ts', 'function {')).toThrow(SyntaxError)
  })
})
