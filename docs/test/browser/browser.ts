/** A browser that notes what goes wrong. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Opened extends AsyncDisposable {
  readonly page: Page
  readonly complaints: string[]
}

/** Those of axe's rules of which the answer depends on the theme. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

const axeWith = (options: object): string => `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary.split('\\n')[1]).join(' | ')))`

/** Rejects where there is no Chromium. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: onPath('chromium'), args: FLAGS })
}

/** What is wrong for people who do not see the page, or see little of it. `colours`: whether its colours, which are dear, are looked at, too. */
export async function violationsIn(page: Page, { colours = true } = {}): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const without = colours ? [] : OF_COLOURS
  const rules = Object.fromEntries(['region', ...without].map((rule) => [rule, { enabled: false }]))
  return page.evaluate(axeWith({ rules }))
}

/** What is wrong with the colours of a page that `violationsIn` has looked at in another theme. */
export function coloursAmissIn(page: Page): Promise<readonly string[]> {
  return page.evaluate(axeWith({ runOnly: { type: 'rule', values: OF_COLOURS } }))
}

/** A page in a context of its own; what it asks of others than `origin` is a complaint, too. */
export async function open(
  browser: Browser,
  origin: string,
  url: string,
  options?: BrowserContextOptions,
): Promise<Opened> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${String(error)}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !/^(?:data|blob):/.test(request.url()))
      complaints.push(`asked for ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  await page.goto(url)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

function onPath(command: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, command)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${command} is not on the PATH: apt-get install chromium`)
}
