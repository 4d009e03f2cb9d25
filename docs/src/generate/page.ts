/** A page that is made from what the code knows. */
export interface Page {
  /** From `docs/`. */
  readonly path: string
  readonly text: string
}

/** `source` names, from the repository's root, where the truth is. */
export function page(path: string, title: string, source: string, body: string): Page {
  const up = '../'.repeat(path.split('/').length)
  const note = `*Made by \`npm run docs:generate\` from [\`${source}\`](${up}${source}); a test compares.*`
  return { path, text: `# ${title}\n\n${note}\n\n${body.trim()}\n` }
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
