/** The game in a real browser, by the keyboard alone: a level of a pattern's fault, and one of a protocol's; all of them by `npm run game:browser`. Needs Chromium. */
import { expect, it } from 'vitest'
import { LEVELS } from '../../src/game/levels.ts'
import { Play } from '../../src/game/play.ts'
import { SOURCES } from '../../src/game/sources.ts'
import { startSite } from './site.ts'

const ALL = process.env['SWITCHYARD_LEVELS'] === 'all'
const PLAYED = ALL ? LEVELS.map(({ id }) => id) : ['lock-held-while-reading', 'tells-no-losses']

it.each(PLAYED)(
  '%s is won by its par, and the win is kept',
  async (id) => {
    const level = LEVELS.find((each) => each.id === id)
    if (!level) throw new RangeError(`there is no level ${id}`)
    const par = await new Play(level, SOURCES).par()
    await using site = await startSite()
    await using opened = await site.open(`game.html#level=${id}`)
    const { page, complaints } = opened
    await page.locator(`[data-level="${id}"][data-state="open"]`).waitFor()
    await page.locator('.offers button').first().focus()
    for (const [count, pick] of par.entries()) {
      await page.getByText(`${count} pick`).first().waitFor()
      await page.keyboard.press(String(pick + 1))
    }
    await page.locator('[data-state="won"]').waitFor()
    await page.getByText(`par is ${par.length}`).waitFor()
    await page.getByText('The same order on the reactor: nothing is broken').waitFor()
    await page.reload()
    await page.getByText(`1 of ${LEVELS.length} won`).waitFor()
    expect(complaints).toEqual([])
  },
  60_000,
)
