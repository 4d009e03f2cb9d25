/** The built site on a host of its own, below a path, in a browser. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { root } from '../support.ts'
import { launch, open } from './browser.ts'
import type { Opened } from './browser.ts'

/** Not the root of its host, as a course's site would lie: `npm run site:below` has built it so. */
export const BASE = '/courses/switchyard/'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

export interface Site extends AsyncDisposable {
  /** Where the files are. */
  readonly folder: string
  /** A page of the site; `complaints` grows with everything that it should not have done. */
  open(path: string, options?: BrowserContextOptions): Promise<Opened>
}

export async function startSite(): Promise<Site> {
  const folder = join(root, 'docs/dist/below')
  if (!existsSync(folder)) throw new Error(`${folder} is missing: npm run site:below --workspace @switchyard/docs`)
  const server = createServer((request, response) => {
    const file = fileOf(folder, new URL(request.url ?? '', 'http://host').pathname)
    if (file === undefined) {
      response.writeHead(404).end()
      return
    }
    response
      .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      .end(readFileSync(file))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const browser = await launch()
  const origin = `http://127.0.0.1:${portOf(server.address())}`
  return {
    folder,
    open: (path, options) => open(browser, origin, `${origin}${BASE}${path}`, options),
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function fileOf(folder: string, path: string): string | undefined {
  if (!path.startsWith(BASE)) return undefined
  const inside = decodeURIComponent(path.slice(BASE.length))
  const file = join(folder, inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside)
  return existsSync(file) && statSync(file).isFile() ? file : undefined
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('the server does not listen on TCP')
  return address.port
}
