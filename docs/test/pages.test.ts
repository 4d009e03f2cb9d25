/** What the pages show is what the repository has. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changes } from '../src/site/changes.ts'
import { excerpt } from '../src/site/excerpt.ts'
import { withIncludes } from '../src/site/included.ts'
import { reroute } from '../src/site/rerouted.ts'
import { sidebar } from '../src/site/sidebar.ts'
import { ReplayedRun } from '../src/stage/replayed-run.ts'
import { serverNamed, SERVERS } from '../src/stage/servers.ts'
import { linesOf } from '../src/stage/tokens.ts'
import { pages, read, root, stagesOf } from './support.ts'

/** A caption and a block of code; or two captions and what is different. */
const CAPTION = (file: string, first: string, last: string): string =>
  String.raw`\[(?<${file}>[^\]]+)\]\(/code/[^)]+\.html\) lines (?<${first}>\d+) to (?<${last}>\d+) \{\.excerpt\}\n\n`
const PART = new RegExp(
  `^${CAPTION('file', 'first', 'last')}(?:\`\`\`ts:line-numbers=(?<from>\\d+)\\n(?<text>[\\s\\S]*?)\\n\`\`\`|and what is different in ${CAPTION('otherFile', 'otherFirst', 'otherLast')}\`\`\`diff\\n(?<difference>[\\s\\S]*?)\\n\`\`\`)`,
  'gm',
)

describe('code in a page', () => {
  const included = pages().filter((page) => withIncludes(read(`docs/${page}`), read) !== read(`docs/${page}`))

  it.each(included)('%s shows lines as the files have them', (page) => {
    const shown = withIncludes(read(`docs/${page}`), read)
    const parts = [...shown.matchAll(PART)]
    expect(parts.length).toBeGreaterThan(0)
    for (const { groups = {} } of parts) {
      const { file, first, last, otherFile, otherFirst, otherLast, from, text = '', difference } = groups
      if (difference === undefined) {
        expect(from).toBe(first)
        expect(trimmed(text.split('\n'))).toEqual(linesOfFile(file, first, last))
      } else {
        const lines = difference.split('\n')
        const side = (mark: string): string[] =>
          trimmed(lines.filter((line) => !line.startsWith(mark)).map((line) => line.slice(2)))
        expect(side('+')).toEqual(linesOfFile(file, first, last))
        expect(side('-')).toEqual(linesOfFile(otherFile, otherFirst, otherLast))
      }
    }
    expect(shown).not.toMatch(/^\[[\w./-]+\.ts#/m)
  })

  it('is in most chapters', () => {
    expect(included.filter((page) => page.startsWith('chapters/')).length).toBeGreaterThanOrEqual(10)
  })

  it('that is not there stops the build', () => {
    const page = '[impls/mutex/src/server.ts#nowhere](../impls/mutex/src/server.ts)'
    expect(() => withIncludes(page, read)).toThrow(/impls\/mutex\/src\/server.ts#nowhere cannot be shown: 0 parts/)
  })

  it('has the comment above it, and whole classes and methods of classes', () => {
    const source = '/** One. */\nexport class A {\n  /** Two. */\n  b(): void {\n    c()\n  }\n}\n'
    expect(excerpt(source, 'A')).toEqual({ text: source.trimEnd(), first: 1, last: 7 })
    expect(excerpt(source, 'A.b')).toEqual({ text: '/** Two. */\nb(): void {\n  c()\n}', first: 3, last: 6 })
    expect(() => excerpt(`${source}function b() {}\n`, 'b')).toThrow(/2 parts/)
  })

  it('shown as a difference has all lines of both', () => {
    const difference = changes('a\nb\nc', 'a\nc\nd')
    expect(difference).toBe('  a\n- b\n  c\n+ d')
  })
})

describe('a stage in a page', () => {
  const stages = pages().flatMap((page) => stagesOf(page).map((stage) => [page, stage] as const))

  it('exists, and has a name of its own on its page', () => {
    expect(stages.length).toBeGreaterThan(20)
    const names = stages.map(([page, { id = 'stage' }]) => `${page}#${id}`)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(stages.filter(([, { line }]) => line !== undefined))(
    '%s: a line breaks what the page says, and nothing else: %o',
    async (_, { line = '', breaks }) => {
      const run = new ReplayedRun(line)
      while (!run.over) await run.step()
      expect(run.frames.at(-1)!.violation?.clause).toBe(breaks)
    },
  )

  it.each(stages.filter(([, { servers }]) => servers !== undefined))(
    '%s: its servers exist: %o',
    (_, { servers = '', pace }) => {
      for (const name of servers.split('+')) expect(serverNamed(name).name).toBe(name)
      if (pace !== undefined) expect(pace).toMatch(/^\d+\.\d\.(?:\d+|never)$/)
    },
  )
})

describe('the source beside a stage', () => {
  it.each(SERVERS.map(({ file }) => file))('%s is the file, to the last character', (file) => {
    const shown = linesOf(read(file))
      .map((tokens) => tokens.map(({ text }) => text).join(''))
      .join('\n')
    expect(shown).toBe(read(file))
  })
})

describe('the sidebar', () => {
  const entries = sidebar(() => true).flatMap(({ items }) => items.map(({ link }) => `${link.slice(1)}.md`))

  it('leads to every page but the first one', () => {
    const written = pages().filter((page) => page !== 'index.md')
    expect(entries).toEqual(expect.arrayContaining(written))
  })

  it('leaves out what does not exist', () => {
    const existing = sidebar((page) => existsSync(join(root, 'docs', `${page}.md`))).flatMap(({ items }) => items)
    expect(existing.length).toBeGreaterThanOrEqual(pages().length - 1)
    expect(sidebar(() => false).every(({ items }) => items.length === 0)).toBe(true)
  })
})

describe('a link out of docs/', () => {
  it.each([
    ['../core/src', 'design.md', '/code/core/src.html'],
    ['../core/src/', 'design.md', '/code/core/src.html'],
    ['../../impls/mutex/src/server.ts', 'chapters/racing.md', '/code/impls/mutex/src/server.ts.html'],
    ['../../core/src/clock.ts#L3', 'guides/x.md', '/code/core/src/clock.ts.html#L3'],
    ['../docs/src/prices/scenes.ts', 'prices.md', '/code/docs/src/prices/scenes.ts.html'],
    ['../protocol.md', 'chapters/racing.md', '../protocol.md'],
    ['racing.md', 'chapters/racing.md', 'racing.md'],
    ['https://a.example/../b', 'design.md', 'https://a.example/../b'],
  ])('%s in %s leads to %s', (href, page, expected) => {
    expect(reroute(href, page)).toBe(expected)
  })

  it.each(pages())('of %s leads to something that exists, in the repository too', (page) => {
    const links = [...read(`docs/${page}`).matchAll(/\]\((\.{1,2}\/[^)#\s]+|[\w-]+(?:\/[\w-]+)*\.md)(?:#[^)]*)?\)/g)]
    for (const [, href = ''] of links) {
      const target = new URL(href, `file:///docs/${page}`).pathname
      expect(existsSync(join(root, decodeURIComponent(target))), `${page}: ${href}`).toBe(true)
    }
  })
})

function linesOfFile(file = '', first = '', last = ''): string[] {
  return trimmed(
    read(file)
      .split('\n')
      .slice(Number(first) - 1, Number(last)),
  )
}

function trimmed(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim())
}
