/** The repository's own files, as pages of the site: what a chapter speaks of can be read where it is spoken of. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isPage } from './rerouted.ts'

export interface CodePage {
  /** From the repository's root. */
  readonly path: string
  /** Markdown. */
  readonly content: string
}

const SHOWN = /\.(?:ts|md)$/
const HIDDEN = /^(?:node_modules|dist|report|\..*)$/

/** What pages link to without saying so in Markdown: servers, by name. */
const ALWAYS = ['impls', 'variants/src', 'shared-tests/mutants/src']

/** One for each file that a page of `docs/` links to, and for each folder, with all that is in it. */
export function codePages(root: string): CodePage[] {
  const pages = new Map<string, string>()
  for (const path of new Set([...ALWAYS, ...linkedFrom(join(root, 'docs'), '')])) show(root, path, pages)
  return [...pages].map(([path, content]) => ({ path, content }))
}

function linkedFrom(docs: string, folder: string): string[] {
  return entriesOf(join(docs, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`
    if (statSync(join(docs, path)).isDirectory()) return name === 'code' ? [] : linkedFrom(docs, path)
    return name.endsWith('.md') ? linksOf(readFileSync(join(docs, path), 'utf8'), path) : []
  })
}

/** Links that lead out of `docs/`, and both files of a difference. From the repository's root. */
function linksOf(text: string, page: string): string[] {
  const links = Array.from(
    text.matchAll(/\]\((\.\.\/[^)\s]+)\)/g),
    ([, href = '']) => new URL(href, `file:///docs/${page}`).pathname,
  )
  const compared = Array.from(text.matchAll(/ → ([\w./-]+\.ts)#/g), ([, file = '']) => `/${file}`)
  return [...links.filter((path) => !isPage(path)), ...compared].map((path) => path.replaceAll(/^\/|\/$/g, ''))
}

/** A link to what does not exist is left to the check of links. */
function show(root: string, path: string, pages: Map<string, string>): void {
  if (pages.has(path) || !existsSync(join(root, path))) return
  if (!statSync(join(root, path)).isDirectory()) {
    pages.set(path, fileContent(path, readFileSync(join(root, path), 'utf8')))
    return
  }
  const names = entriesOf(join(root, path)).filter((name) => isShown(join(root, path, name)))
  pages.set(path, folderContent(path, names))
  for (const name of names) show(root, `${path}/${name}`, pages)
}

function entriesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !HIDDEN.test(name))
    .toSorted()
}

function isShown(path: string): boolean {
  return statSync(path).isDirectory() ? entriesOf(path).some((name) => isShown(join(path, name))) : SHOWN.test(path)
}

function fileContent(path: string, text: string): string {
  const language = path.endsWith('.md') ? 'md' : 'ts:line-numbers'
  return `# ${path}\n\n\`\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\`\n`
}

function folderContent(folder: string, names: readonly string[]): string {
  const items = names.map((name) => `- [${name}](/code/${folder}/${name.replace(/\/$/, '')}.html)`)
  return `# ${folder}\n\n${items.join('\n')}\n`
}
