/** The page of a chat in a real browser, beside a client of another kind: `npm run test:browser`. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launch, open, violationsIn } from './browser.ts'
import type { Opened } from './browser.ts'
import { ChatServer } from './chat-server.ts'

const DESK = { viewport: { width: 1000, height: 700 } }
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const MARKUP = '<img src=x onerror="document.title=1"> & <b>bold</b>'

let browser: Browser
let server: ChatServer

beforeAll(async () => {
  browser = await launch()
  server = await ChatServer.start(0, 0)
})
afterAll(async () => {
  await browser.close()
  await server.end()
})

it(
  'three pages and a client of another kind talk in one room, rename, whisper, are cut off and come back',
  { timeout: 60_000 },
  async () => {
    await using light = await member('Light', { ...DESK, colorScheme: 'light' })
    await using dark = await member('Dark', { ...DESK, colorScheme: 'dark' })
    await using phone = await member('Phone', { ...PHONE, colorScheme: 'light' })
    const members = [light.page, dark.page, phone.page]
    await hear([light.page, dark.page], 'Phone joined')

    const plain = createConnection(server.port, '127.0.0.1')
    plain.write('/name Plain\n/join tea\nhello from a terminal\n')
    await hear(members, 'Plain: hello from a terminal')
    await say(dark.page, MARKUP)
    await hear(members, `Dark: ${MARKUP}`)
    await say(phone.page, '/name Pocket')
    await hear(members, 'Phone is now Pocket')
    await say(light.page, '/msg Pocket psst')
    await hear([phone.page], 'Light whispers: psst')
    await say(phone.page, `a long word: ${'w'.repeat(200)}`)
    await hear(members, `Pocket: a long word: ${'w'.repeat(200)}`)
    for (const [name, { page }] of Object.entries({ light, dark, phone })) {
      expect(await page.title(), 'what is said is no markup').toBe('Chat')
      expect(await violationsIn(page), name).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBeLessThanOrEqual(0)
      const folder = process.env['SCREENSHOTS']
      if (folder !== undefined) await page.screenshot({ path: join(folder, `chat-${name}.png`) })
    }
    for (const { complaints } of [light, dark, phone]) expect(complaints).toEqual([])

    const { port, web } = server
    await server.end()
    await light.page.getByText('Cut off. Trying again').waitFor()
    server = await ChatServer.start(port, web)
    for (const page of members) await page.getByRole('status').getByText('in tea').waitFor()
    await say(phone.page, 'back again')
    await hear(members, 'Pocket: back again')
    await say(dark.page, '/quit')
    await dark.page.getByText('You have left.').waitFor()
    await hear([light.page, phone.page], 'Dark left')
  },
)

async function member(name: string, options: BrowserContextOptions): Promise<Opened> {
  const origin = `http://127.0.0.1:${server.web}`
  const opened = await open(browser, origin, origin, options)
  await opened.page.getByText('You joined main').waitFor()
  await say(opened.page, `/name ${name}`)
  await say(opened.page, '/join tea')
  await opened.page.getByText('You joined tea').waitFor()
  return opened
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Say something').fill(text)
  await page.getByRole('button', { name: 'Say' }).click()
}

async function hear(pages: readonly Page[], line: string): Promise<void> {
  for (const page of pages) await page.getByRole('log').getByText(line, { exact: true }).first().waitFor()
}
