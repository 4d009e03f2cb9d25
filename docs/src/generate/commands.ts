import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { page } from './page.ts'
import type { Page } from './page.ts'

/** What the command says of itself. Needs `dist/`, which it builds if it is older than the sources. */
export function commandsPage(root: string): Page {
  const main = helpOf(root, [])
  const [, list = ''] = /^Commands:\n([\s\S]*?)\n\n/m.exec(main) ?? []
  const names = [...list.matchAll(/^ {2}(\w[\w-]*)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help')
  const parts = names.map((name) => `## ${name}\n\n${fenced(helpOf(root, [name]))}`)
  return page('reference/commands.md', 'Commands', 'cli/src/main.ts', `${fenced(main)}\n\n${parts.join('\n\n')}`)
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trim()}\n\`\`\``
}

function helpOf(root: string, command: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'cli/bin/switchyard.js'), ...command, '--help'], {
    encoding: 'utf8',
    timeout: 180_000,
  })
}
