import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_SCENARIO } from '../src/stage/scenario.ts'
import type { Scenario } from '../src/stage/scenario.ts'

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Every Markdown page of the site that is a file, from `docs/`. */
export function pages(): readonly string[] {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !/^(?:node_modules|code|\.vitepress)\//.test(path))
    .toSorted()
}

export function scenario(changes: Partial<Scenario>): Scenario {
  return { ...DEFAULT_SCENARIO, ...changes }
}

/** The stages that a page has, by their attributes. */
export function stagesOf(page: string): readonly Readonly<Record<string, string>>[] {
  return [...read(`docs/${page}`).matchAll(/<Stage ([^>]*?)\/>/g)].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
    ),
  )
}
