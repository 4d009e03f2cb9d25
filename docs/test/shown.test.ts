import { describe, expect, it } from 'vitest'
import { laneLayout, lettersOf, ringLayout } from '../src/stage/places.ts'
import { pacedRun } from '../src/stage/paced-run.ts'
import { serverNamed } from '../src/stage/servers.ts'
import { grouped, litAt } from '../src/stage/shown.ts'
import { scenario } from './support.ts'

describe('what is shown', () => {
  it('says chains that are alike once', () => {
    expect(grouped(['client 0 waits for X', 'client 2 waits for X', 'deadlock: Y', 'client 1 waits for Z'])).toEqual([
      'clients 0 and 2 wait for X',
      'deadlock: Y',
      'client 1 waits for Z',
    ])
  })

  it('lights the lines of the latest event in which some ran', async () => {
    const run = pacedRun(serverNamed('mutex'), scenario({}))
    await run.advance(2_000)
    const sends = run.frames.findIndex(({ text }) => text.includes(' sends '))
    expect(run.frames[sends]?.lines).toEqual([])
    const lit = litAt(run.frames, sends)
    expect(lit.now).toBe(false)
    expect(lit.lines.length).toBeGreaterThan(0)
  })

  it.each([
    ['lane', laneLayout],
    ['ring', ringLayout],
  ] as const)('every message of a %s is drawn inside of the picture', async (_, layout) => {
    const size = { width: 360, height: 340 }
    const run = pacedRun(
      serverNamed('reactor'),
      scenario({ clients: 8, paces: [{ at: 1_000, client: 7, everyMs: 'never' }] }),
    )
    await run.advance(8_000)
    for (const frame of run.frames) {
      for (const { x, y } of lettersOf(frame, layout(size, 8)).values()) {
        expect(x).toBeGreaterThan(0)
        expect(x).toBeLessThan(size.width)
        expect(y).toBeGreaterThan(0)
        expect(y).toBeLessThan(size.height)
      }
    }
  })
})
