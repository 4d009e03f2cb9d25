/** The site in a real browser. Needs Chromium: `npm run test:browser`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsPage } from '../../src/generate/commands.ts'
import { decodeLink } from '../../src/stage/link.ts'
import { Player } from '../../src/stage/player.ts'
import { DEFAULT_SCENARIO, encodeScenario } from '../../src/stage/scenario.ts'
import { SERVERS } from '../../src/stage/servers.ts'
import { traceOf } from '../../src/stage/trace.ts'
import { pages, read, root, stagesOf } from '../support.ts'
import { coloursAmissIn, violationsIn } from './browser.ts'
import { firstOfEachKind } from './kinds.ts'
import { BASE, startSite } from './site.ts'
import type { Site } from './site.ts'

const PHONE = { width: 360, height: 740 }
const OVERFLOW = 'document.documentElement.scrollWidth - innerWidth'
const SOURCES = pages()
/** Whose colours are looked at: all pages', by `npm run colours`. */
const COLOURED = new Set(process.env['SWITCHYARD_COLOURS'] === 'all' ? SOURCES : firstOfEachKind(SOURCES))
const WITH_STAGES = SOURCES.filter((page) => stagesOf(page).length > 0)

/** What stands behind `#` in a link to one of these is what it begins with: test/history.test.ts opens each. */
const WITH_STATE: ReadonlySet<string> = new Set(['lab.html', 'game.html'])

let site: Site

beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site[Symbol.asyncDispose]())

describe('the first screen', { timeout: 120_000 }, () => {
  it('moves by itself, a reader stops by itself, and that has its effect: five fates, seconds later', async () => {
    await using opened = await site.open('')
    const { page, complaints } = opened
    const arrived = (server: string): Promise<number> => figure(page, server)
    await expect.poll(() => arrived('reactor'), { timeout: 20_000 }).toBeGreaterThan(3)
    report(await page.evaluate(FIRST_PAINT))
    await page.getByText(/reader 5 stops by itself in \d s/).waitFor()
    await page.getByRole('status').getByText('Reader 5 has stopped reading.').waitFor({ timeout: 30_000 })
    for (const server of ['mutex', 'channels', 'channel-per-writer']) {
      await page.locator(`[data-server="${server}"][data-fate="stalled"]`).waitFor({ timeout: 30_000 })
    }
    const [stalled, alive] = [await arrived('mutex'), await arrived('reactor')]
    expect(alive).toBeGreaterThan(stalled)
    expect(await page.locator('[data-fate="stalled"]').count()).toBe(3)
    await expect.poll(() => arrived('reactor'), { timeout: 20_000 }).toBeGreaterThan(alive)
    await page.locator('[data-server="mutex"][data-fate="recovered"]').waitFor({ timeout: 60_000 })
    await expect.poll(() => arrived('mutex'), { timeout: 20_000 }).toBeGreaterThan(stalled)
    expect(complaints).toEqual([])
  })

  it('stands still for whoever asked for less motion, until told to play, and no button is pressed by itself', async () => {
    await using opened = await site.open('', { reducedMotion: 'reduce' })
    const { page, complaints } = opened
    await page.getByRole('button', { name: 'Play' }).waitFor()
    expect(await figure(page, 'reactor')).toBe(0)
    await page.getByRole('button', { name: 'Play' }).click()
    await expect.poll(() => figure(page, 'reactor'), { timeout: 20_000 }).toBeGreaterThan(0)
    expect(await page.getByText('by itself').count()).toBe(0)
    expect(await page.locator('.first-words + .first-screen').count(), 'a sentence above the picture').toBe(1)
    await page.getByRole('button', { name: 'Freeze reader 5' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[data-server="mutex"][data-fate="stalled"]').waitFor({ timeout: 30_000 })
    expect(complaints).toEqual([])
  })
})

describe.each(WITH_STAGES)('every stage of %s', { timeout: 180_000 }, (source) => {
  it('plays, steps, steps back, and is had again from its link, as in Node', async () => {
    await using opened = await site.open(source.replace(/\.md$/, '.html'))
    const { page, complaints } = opened
    await revealAll(page)
    for (const { id = 'stage' } of stagesOf(source)) {
      const stage = page.locator(`[data-stage="${id}"]`)
      await stage.scrollIntoViewIfNeeded()
      const clock = stage.locator('.clock')
      const event = stage.locator('.stage-event')
      await stage.getByRole('button', { name: 'Play', exact: true }).click()
      const before = await clock.textContent()
      await expect.poll(() => clock.textContent(), { timeout: 30_000 }).not.toBe(before)
      const pause = stage.getByRole('button', { name: 'Pause', exact: true })
      if (await pause.isVisible()) await pause.click().catch(() => {}) // It may have come to its end meanwhile.
      const press = async (name: string): Promise<void> => {
        await stage.getByRole('button', { name }).click()
        await shownAll(stage)
      }
      await press('Back by one event')
      const shown = await facts(stage)
      await press('On by one event')
      await press('Back by one event')
      expect(await facts(stage)).toBe(shown)
      await stage.focus()
      for (const key of ['ArrowRight', 'ArrowLeft']) {
        await page.keyboard.press(key)
        await shownAll(stage)
      }
      expect(await facts(stage)).toBe(shown)
      await stage.getByRole('button', { name: 'Link' }).click()
      await expect.poll(() => page.url()).toContain(`#${id}=`)
      const { hash } = new URL(page.url())
      await expectAgain(source, id, hash, await event.textContent())
    }
    await page.setViewportSize(PHONE)
    await expect
      .poll(() => page.evaluate(OVERFLOW), { message: 'what has just happened fits a phone' })
      .toBeLessThanOrEqual(0)
    expect(complaints).toEqual([])
  })
})

describe('all servers', { timeout: 300_000 }, () => {
  const groups = Array.from({ length: Math.ceil(SERVERS.length / 8) }, (_, index) =>
    SERVERS.slice(index * 8, index * 8 + 8),
  )

  it.each(groups.map((group) => [group.map(({ name }) => name)]))(
    '%s run with 8 clients, one of which stops reading',
    async (names) => {
      const scenario = {
        ...DEFAULT_SCENARIO,
        servers: names,
        clients: 8,
        paces: [{ at: 1_500, client: 7, everyMs: 'never' as const }],
      }
      await using opened = await site.open(`chapters/the-reactor.html#stage=${encodeScenario(scenario)}@0`)
      const { page, complaints } = opened
      await revealAll(page)
      const stage = page.locator('[data-stage="stage"]')
      await expect.poll(() => stage.locator('.stage-lane, .stage-picture.ring').count()).toBe(names.length)
      await stage.scrollIntoViewIfNeeded()
      await stage.getByRole('button', { name: 'Play', exact: true }).click()
      await expect
        .poll(async () => Number.parseFloat((await stage.locator('.clock').textContent()) ?? ''), { timeout: 60_000 })
        .toBeGreaterThan(2.5)
      report(`${names.join(', ')}: ${String(await page.evaluate(FRAMES))}`)
      expect(complaints).toEqual([])
    },
  )
})

describe('every page', { timeout: 120_000 }, () => {
  it.each(SOURCES)(
    '%s passes the checks of axe, in both themes if it is the first of a kind, fits a phone, and asks nobody else for anything',
    async (source) => {
      const colours = COLOURED.has(source)
      await using opened = await site.open(source.replace(/\.md$/, '.html'), {
        colorScheme: 'light',
        reducedMotion: 'reduce',
      })
      const { page, complaints } = opened
      await settle(page)
      await revealAll(page)
      expect(await violationsIn(page, { colours }), 'light').toEqual([])
      if (colours) {
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
        await page.locator('html.dark').waitFor({ state: 'attached' })
        expect(await coloursAmissIn(page), 'dark').toEqual([])
      }
      await page.setViewportSize(PHONE)
      await expect.poll(() => page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0)
      expect(complaints).toEqual([])
    },
  )
})

describe('the way of a newcomer', { timeout: 120_000 }, () => {
  it('leads from the first screen to an answer, and the guess is remembered', async () => {
    await using opened = await site.open('', { reducedMotion: 'reduce' })
    const { page, complaints } = opened
    await page.getByRole('link', { name: 'Begin with the protocol' }).click()
    await page.getByRole('heading', { level: 1, name: 'The protocol' }).waitFor()
    await page.getByRole('radio', { name: 'Any number from 1 to 18' }).check()
    await page.locator('[data-predict="cut"] .revealed').getByText('TCP carries bytes').waitFor()
    await page.reload()
    await page.locator('[data-predict="cut"] .revealed').getByText('TCP carries bytes').waitFor()
    await page.getByRole('link', { name: 'Choose', exact: true }).click()
    await page.getByRole('radio', { name: 'No, never' }).check()
    await page.locator('[data-best="reactor"]').waitFor()
    await page
      .getByRole('group', { name: /same order/ })
      .getByRole('radio', { name: 'Yes' })
      .check()
    await page.locator('[data-best="none"]').waitFor()
    await page.getByText('exclude each other').waitFor()
    expect(complaints).toEqual([])
  })

  it('finds a word by the search, without a network', async () => {
    await using opened = await site.open('chapters/racing.html')
    const { page, complaints } = opened
    await settle(page)
    await page.keyboard.press('Control+k')
    await page.locator('.VPLocalSearchBox input').fill('deadlock')
    await page.locator('.VPLocalSearchBox .result').first().waitFor({ timeout: 30_000 })
    expect(complaints).toEqual([])
  })
})

describe('what is built', () => {
  it('has no link that leads nowhere, anchors included', () => {
    const files = readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.html'),
    )
    const ids = new Map(files.map((file) => [file, new Set(attributes(file, 'id'))]))
    const dead = files.flatMap((file) =>
      attributes(file, 'href').flatMap((href) => {
        const { origin, pathname, hash } = new URL(href, `http://host${BASE}${file}`)
        if (origin !== 'http://host' || /\.(?:css|js|svg|woff2|json)$/.test(pathname)) return []
        const inside = pathname.slice(BASE.length)
        const target = inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside
        const anchors = ids.get(target)
        const anchor = decodeURIComponent(hash.slice(1))
        const isNoAnchor = anchor === '' || WITH_STATE.has(target)
        return pathname.startsWith(BASE) && anchors && (isNoAnchor || anchors.has(anchor)) ? [] : [`${file}: ${href}`]
      }),
    )
    expect([...new Set(dead)]).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })

  it('says what the commands say', () => {
    expect(read('docs/reference/commands.md'), 'npm run docs:generate').toBe(commandsPage(root).text)
  }, 300_000)

  function attributes(file: string, name: string): string[] {
    const html = readFileSync(join(site.folder, file), 'utf8')
    return [...html.matchAll(new RegExp(`<[^>]+\\s${name}="([^"]*)"`, 'g'))].map(([, value = '']) =>
      value.replaceAll('&amp;', '&'),
    )
  }
})

const FIRST_PAINT = `['first-contentful-paint', 'moving']
  .map((name) => name + ' ' + Math.round(performance.getEntriesByName(name)[0]?.startTime ?? -1) + ' ms').join(', ')`

/** How many pictures the screen was given in a second, at least. */
const FRAMES = `new Promise((resolve) => {
  const times = []
  const tick = (now) => {
    times.push(now)
    if (now - times[0] < 1000) requestAnimationFrame(tick)
    else resolve(times.length + ' frames in a second, the longest ' + Math.round(Math.max(...times.slice(1).map((time, i) => time - times[i]))) + ' ms')
  }
  requestAnimationFrame(tick)
})`

async function figure(page: Page, server: string): Promise<number> {
  return Number(await page.locator(`[data-server="${server}"] .arrived`).textContent())
}

async function settle(page: Page): Promise<void> {
  await page.locator('h1, .first-screen').first().waitFor()
  await page.waitForLoadState('networkidle')
}

/** Every prediction is opened: again and again, because a page that is not alive yet does not hear a click. */
async function revealAll(page: Page): Promise<void> {
  const buttons = page.getByRole('button', { name: 'Show without a guess' })
  const click = async (): Promise<number> => {
    for (const button of await buttons.all())
      await button.dispatchEvent('click', undefined, { timeout: 2_000 }).catch(() => {})
    return buttons.count()
  }
  await expect.poll(click, { timeout: 30_000 }).toBe(0)
}

/** Until all that was asked of a stage is shown: a click has happened before what it asks for. */
async function shownAll(stage: Locator): Promise<void> {
  await expect.poll(() => stage.getAttribute('aria-busy'), { timeout: 30_000 }).toBe('false')
}

async function facts(stage: Locator): Promise<string> {
  const places = ['.clock', '.stage-event', '.stage-facts']
  return (await Promise.all(places.map((place) => stage.locator(place).textContent()))).join(' | ')
}

/** In a fresh page the link shows the same; and what it shows is what Node makes of it. */
async function expectAgain(source: string, id: string, hash: string, event: string | null): Promise<void> {
  await using again = await site.open(source.replace(/\.md$/, `.html${hash}`))
  const { page, complaints } = again
  await revealAll(page)
  const stage = page.locator(`[data-stage="${id}"]`)
  await expect.poll(() => stage.locator('.stage-event').textContent(), { timeout: 30_000 }).toBe(event)
  const shown = decodeLink(id, decodeURIComponent(hash))
  if (!shown) throw new Error(`${hash} is not about ${id}`)
  const player = new Player(shown.script)
  await player.seek(shown.at, shown.events)
  const [lane] = player.lanes
  if (player.lanes.length === 1 && lane) {
    await stage.locator('summary', { hasText: 'Log' }).click()
    await expect.poll(() => stage.locator('.stage-log pre').textContent()).toBe(traceOf(lane.run, lane.index))
  }
  const onDisk = 'scenario' in shown.script && shown.script.scenario.diskMs > 0
  for (const { run, frame } of player.lanes.slice(1)) {
    await expect
      .poll(() => stage.locator(`[data-server="${run.name}"] .figure`).textContent())
      .toContain(onDisk ? `${frame.disk.steps} messages in ${frame.disk.syncs} syncs` : `${frame.arrived} arrived`)
  }
  expect(complaints).toEqual([])
}

/** For information: nothing is asked of a speed here. */
function report(what: unknown): void {
  process.stdout.write(`${String(what)}\n`)
}
