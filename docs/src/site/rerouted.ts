/**
 * Links to the repository's files, which are no pages, lead to the pages that show them: `/code/…`. Beside that: a table's
 * corner, which has no words, is no heading; and indented code looks like all other code.
 */

/** What is needed of markdown-it. */
interface Markdown {
  readonly core: { readonly ruler: { push(name: string, fn: (state: State) => void): void } }
}
interface State {
  readonly env: unknown
  readonly tokens: readonly Token[]
}
interface Token {
  type: string
  info: string
  readonly content: string
  tag: string
  readonly children: readonly Token[] | null
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}

export function rerouted(md: Markdown): void {
  md.core.ruler.push('switchyard-rerouted', ({ tokens, env }) => {
    const page = pageOf(env)
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'code_block') {
        token.type = 'fence'
        token.info = 'text'
      }
      const around = [tokens[index - 1], tokens[index + 1]]
      if (token.type === 'inline' && token.content === '' && around[0]?.type === 'th_open') {
        for (const cell of around) if (cell) cell.tag = 'td'
      }
      for (const child of token.children ?? []) {
        const href = child.type === 'link_open' ? child.attrGet('href') : null
        if (href !== null) child.attrSet('href', reroute(href, page))
      }
    }
  })
}

/** `page` is the path of the page that has the link, from `docs/`. */
export function reroute(href: string, page: string): string {
  if (!href.startsWith('..')) return href
  const url = new URL(href, `file:///docs/${page}`)
  return isPage(url.pathname) ? href : `/code${url.pathname.replace(/\/$/, '')}.html${url.hash}`
}

/** `path` begins with a slash, at the repository's root. The site's own sources are code like any other. */
export function isPage(path: string): boolean {
  return path.startsWith('/docs/') && !path.startsWith('/docs/src/')
}

function pageOf(env: unknown): string {
  const known = typeof env === 'object' && env !== null && 'relativePath' in env ? env.relativePath : undefined
  return typeof known === 'string' ? known : ''
}
