import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { decodeLink, encodeLink } from '../src/stage/link.ts'
import { Player } from '../src/stage/player.ts'
import type { Script } from '../src/stage/player.ts'
import { traceOf } from '../src/stage/trace.ts'
import { scenario } from './support.ts'

const TWO: Script = { kind: 'scenario', scenario: scenario({ servers: ['mutex', 'reactor'], durationMs: 20_000 }) }
const LINE: Script = { kind: 'line', line: 'sim1:two-locks-in-two-orders:r16,s8,w,p:0.Yw,1./0.:0010132:knel' }

describe('a player', () => {
  it('steps on by one event of one lane, and back to exactly what was shown', async () => {
    const player = new Player(TWO)
    await player.seek(2_000)
    const shown = [player.lanes.map(({ frame }) => frame)]
    for (let step = 0; step < 30; step++) {
      const before = player.lanes.map(({ index }) => index)
      await player.step()
      const moved = player.lanes.filter(({ index }, lane) => index !== before[lane])
      expect(moved.length).toBe(1)
      shown.push(player.lanes.map(({ frame }) => frame))
    }
    for (const frames of shown.slice(0, -1).toReversed()) {
      player.back()
      expect(player.lanes.map(({ frame }) => frame)).toEqual(frames)
    }
  })

  it('stops at the beginning and at the end', async () => {
    const player = new Player(LINE)
    player.back()
    expect(player.at).toBe(0)
    while (!player.over) await player.step()
    const { at } = player
    await player.step()
    expect(player.at).toBe(at)
    expect(player.lanes[0]?.frame.violation?.clause).toBe('G1')
    expect(player.lanes[0]?.frame.deadlock).toBe(true)
  })

  it('is over when all has happened that a scenario has time for', async () => {
    const player = new Player({
      kind: 'scenario',
      scenario: scenario({ servers: ['mutex', 'race'], durationMs: 2_000 }),
    })
    await player.seek(1_999)
    expect(player.over).toBe(false)
    await player.seek(2_000)
    expect(player.over).toBe(true)
    const indexes = player.lanes.map(({ index }) => index)
    await player.step()
    expect(player.lanes.map(({ index }) => index)).toEqual(indexes)
  })

  it('begins a line where its first message is sent', async () => {
    const player = new Player(LINE)
    await player.begin()
    expect(player.lanes[0]?.frame.letters).toEqual([])
    await player.step()
    expect(player.lanes[0]?.frame.letters.length).toBe(1)
  })

  it('forgets what was done to readers later than now, and keeps what was before', async () => {
    let player = new Player(TWO)
    await player.seek(3_000)
    player = await player.withPace(5, 'never')
    await player.seek(5_000)
    player = await player.withPace(5, 30)
    await player.seek(4_000)
    player = await player.withPace(3, 1_200)
    expect(player.script).toMatchObject({
      scenario: {
        paces: [
          { at: 3_000, client: 5, everyMs: 'never' },
          { at: 4_000, client: 3, everyMs: 1_200 },
        ],
      },
    })
    expect(player.at).toBe(4_000)
  })

  it('is had again from its link: the same frames, the same moment', async () => {
    let player = new Player(TWO)
    await player.seek(2_345)
    player = await player.withPace(5, 'never')
    await player.seek(9_000)
    const shown = decodeLink('here', encodeLink('here', player))!
    const again = new Player(shown.script)
    await again.seek(shown.at)
    expect(again.at).toBe(player.at)
    for (const [lane, { run, index }] of player.lanes.entries()) {
      const other = again.lanes[lane]
      expect(other && traceOf(other.run, other.index)).toBe(traceOf(run, index))
    }
  })

  describe.each<[string, Script]>([
    ['two servers', TWO],
    [
      'small buffers',
      { kind: 'scenario', scenario: scenario({ servers: ['mutex'], traffic: 'one', bufferBytes: 32 }) },
    ],
    [
      'a room',
      { kind: 'scenario', scenario: scenario({ servers: ['race', 'reactor'], traffic: 'room', bufferBytes: 64 }) },
    ],
    ['a line', LINE],
  ])('the link of %s', (_, script) => {
    const logs = (of: Player): string[] => of.lanes.map(({ run, index }) => traceOf(run, index))

    async function expectAgain(player: Player): Promise<void> {
      const shown = decodeLink('here', encodeLink('here', player))!
      const again = new Player(shown.script)
      await again.seek(shown.at, shown.events)
      expect(logs(again)).toEqual(logs(player))
    }

    it('leads to every event, of several at one moment too', async () => {
      const player = new Player(script)
      await player.seek(900)
      for (let step = 0; step < 40; step++) {
        await player.step()
        await expectAgain(player)
      }
    })

    it('leads to what is shown, wherever one has stopped', async () => {
      const moves = fc.array(
        fc.oneof(
          fc.record({ to: fc.nat({ max: 6_000 }) }),
          fc.record({ by: fc.constantFrom(-0.4, 0.4) }),
          fc.record({ steps: fc.integer({ min: -9, max: 9 }) }),
          fc.record({ slow: fc.nat({ max: 5 }) }),
        ),
        { minLength: 1, maxLength: 6 },
      )
      await fc.assert(
        fc.asyncProperty(moves, async (walk) => {
          let player = new Player(script)
          await player.begin()
          for (const move of walk) {
            if ('to' in move) await player.seek(move.to)
            else if ('by' in move) await player.seek(player.at + move.by)
            else if ('slow' in move) player = script.kind === 'line' ? player : await player.withPace(move.slow, 1_200)
            else
              for (let left = Math.abs(move.steps); left > 0; left--)
                await (move.steps > 0 ? player.step() : player.back())
          }
          await expectAgain(player)
        }),
        { numRuns: 60 },
      )
    })
  })

  it('refuses a server that does not exist, and says which do', () => {
    expect(() => new Player({ kind: 'scenario', scenario: scenario({ servers: ['semaphore'] }) })).toThrow(
      /no server "semaphore".*mutex/,
    )
  })
})
