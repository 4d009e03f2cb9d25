import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Log } from '../../src/everywhere/logs.ts'
import { bundle } from './bundle.ts'

export interface PageRun {
  readonly version: string
  readonly seconds: number
  readonly logs: readonly Log[]
  /** What the page printed or threw. */
  readonly complaints: readonly string[]
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** All logs, from a page that has nothing but the bundle. */
export async function logsOfPage(): Promise<PageRun> {
  const script = await bundle('browser-main.js')
  const browser = await chromium.launch({ executablePath: onPath('chromium'), args: FLAGS })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addScriptTag({ content: script })
    const ran: Pick<PageRun, 'logs' | 'seconds'> = await page.evaluate('switchyardLogs')
    return { ...ran, version: browser.version(), complaints }
  } finally {
    await browser.close()
  }
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
