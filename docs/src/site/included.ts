/**
 * Code in a page is the file's. A paragraph that is nothing but a link
 *
 *     [impls/mutex/src/server.ts#step](../../impls/mutex/src/server.ts)
 *
 * becomes, on the site, that part of that file with its line numbers; with two parts, `a.ts#x → b.ts#y`, what is different
 * between them. Read elsewhere it stays a link.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changes } from './changes.ts'
import { excerpt } from './excerpt.ts'
import type { Excerpt } from './excerpt.ts'

/** What is needed of markdown-it. */
interface Markdown {
  readonly core: {
    readonly ruler: { before(rule: string, name: string, fn: (state: { src: string; env: unknown }) => void): void }
  }
}

const INCLUDE = /^\[([\w./-]+\.ts)#([\w.#*]+)(?: → ([\w./-]+\.ts)#([\w.#*]+))?\]\(([^)]+)\)$/gm

/** `root` is the repository's. */
export function included(md: Markdown, root: string): void {
  md.core.ruler.before('normalize', 'switchyard-included', (state) => {
    state.src = withIncludes(state.src, (file) => readFileSync(join(root, file), 'utf8'))
  })
}

/** `read` answers with a file, named from the repository's root. Throws RangeError for a part that a file does not have. */
export function withIncludes(page: string, read: (file: string) => string): string {
  return page.replaceAll(INCLUDE, (_, file: string, name: string, otherFile?: string, otherName?: string) => {
    const before = partOf(file, name, read)
    if (otherFile === undefined || otherName === undefined) {
      const fence = `\`\`\`ts:line-numbers=${before.first}\n${before.text}\n\`\`\``
      return `${caption(file, before)}\n\n${fence}`
    }
    const after = partOf(otherFile, otherName, read)
    const both = `${caption(file, before)}\n\n${caption(otherFile, after, 'and what is different in ')}`
    return `${both}\n\n\`\`\`diff\n${changes(before.text, after.text)}\n\`\`\``
  })
}

function partOf(file: string, name: string, read: (file: string) => string): Excerpt {
  try {
    return excerpt(read(file), name)
  } catch (error) {
    throw new RangeError(`${file}#${name} cannot be shown: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function caption(file: string, { first, last }: Excerpt, before = ''): string {
  return `${before}[${file}](/code/${file}.html) lines ${first} to ${last} {.excerpt}`
}
