/** The game: each level is lost by its par, and not before; and the sound server loses none of its orders. */
import { describe, expect, it } from 'vitest'
import { BOARDS } from '../src/game/boards.ts'
import { LEVELS } from '../src/game/levels.ts'
import { Play } from '../src/game/play.ts'
import { SOURCES } from '../src/game/sources.ts'

/** Of the sound server, in each level. */
const SOUND_RUNS = 20

describe('a level', { timeout: 60_000 }, () => {
  it.each(LEVELS.map((level) => [level.id, level] as const))(
    '%s is won by par, and by no earlier move',
    async (_, level) => {
      const play = new Play(level, SOURCES)
      const par = await play.par()
      expect(par.length).toBeGreaterThan(0)
      expect((await play.position(par)).violation?.clause).toBe(level.breaks)
      for (let count = 0; count < par.length; count++) {
        const before = await play.position(par.slice(0, count))
        expect(before.violation).toBe(undefined)
        expect(before.offers.length).toBeGreaterThan(1)
        if (count === par.length - 1) continue
        for (const [other, offer] of before.offers.entries()) {
          if (other === par[count]) continue
          const { violation } = await play.position([...par.slice(0, count), other])
          expect(violation?.clause, `${offer}, after ${count} picks`).not.toBe(level.breaks)
        }
      }
      expect((await play.replayed(par)).violation, 'the reactor, in the same order').toBe(undefined)
      expect((await play.soundOrders(SOUND_RUNS)).broken).toEqual([])
    },
  )
})

it('levels are more than twenty, of every protocol, and no two have one name', () => {
  expect(LEVELS.length).toBeGreaterThanOrEqual(20)
  expect(new Set(LEVELS.map(({ protocol }) => protocol))).toEqual(new Set(Object.keys(BOARDS)))
  expect(new Set(LEVELS.map(({ id }) => id)).size).toBe(LEVELS.length)
})

it('a pick that is none is told', async () => {
  const [level] = LEVELS
  if (!level) throw new RangeError('there is no level')
  await expect(new Play(level, SOURCES).position([7])).rejects.toThrow(/of \d none has number 7/)
})
