/** The repository's own files, as pages of the site: what a chapter speaks of can be read where it is spoken of. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface CodePage {
  /** From the repository's root. */
  readonly path: string
  /** Markdown. */
  readonly content: string
}

const SHOWN = /\.(?:ts|md)$/
const HIDDEN = /^(?:node_modules|dist|docs|report|\..*)$/

/** Every TypeScript and Markdown file, and every folder on the way to one. */
export function codePages(root: string): CodePage[] {
  const pages: CodePage[] = []
  walk(root, '', pages)
  return pages
}

function walk(root: string, folder: string, pages: CodePage[]): boolean {
  const shown: string[] = []
  for (const name of readdirSync(join(root, folder)).toSorted()) {
    if (HIDDEN.test(name)) continue
    const path = folder === '' ? name : `${folder}/${name}`
    if (statSync(join(root, path)).isDirectory()) {
      if (walk(root, path, pages)) shown.push(`${name}/`)
    } else if (SHOWN.test(name)) {
      shown.push(name)
      pages.push({ path, content: fileContent(path, readFileSync(join(root, path), 'utf8')) })
    }
  }
  if (shown.length > 0 && folder !== '') pages.push({ path: folder, content: folderContent(folder, shown) })
  return shown.length > 0
}

function fileContent(path: string, text: string): string {
  const language = path.endsWith('.md') ? 'md' : 'ts:line-numbers'
  return `# ${path}\n\n\`\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\`\n`
}

function folderContent(folder: string, names: readonly string[]): string {
  const items = names.map((name) => `- [${name}](/code/${folder}/${name.replace(/\/$/, '')}.html)`)
  return `# ${folder}\n\n${items.join('\n')}\n`
}
