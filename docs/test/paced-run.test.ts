import { describe, expect, it } from 'vitest'
import { fateOf } from '../src/stage/fate.ts'
import { pacedRun } from '../src/stage/paced-run.ts'
import { indexAt } from '../src/stage/run.ts'
import type { Scenario } from '../src/stage/scenario.ts'
import { FIVE, serverNamed, SERVERS } from '../src/stage/servers.ts'
import { traceOf } from '../src/stage/trace.ts'
import { trafficOf } from '../src/stage/traffic.ts'
import { read, scenario } from './support.ts'

const FROZEN = scenario({ paces: [{ at: 3_000, client: 5, everyMs: 'never' }] })

describe('the first screen', () => {
  it.each([
    ['mutex', 'stalled'],
    ['channels', 'stalled'],
    ['channel-per-writer', 'stalled'],
    ['race', 'slower'],
    ['reactor', 'slower'],
  ])('seven seconds after reader 5 was frozen, %s is %s', async (name, fate) => {
    const run = pacedRun(serverNamed(name), FROZEN)
    await run.advance(10_000)
    const frame = run.frames.at(-1)!
    expect(fateOf({ run, frame, index: run.frames.length - 1 }, 10_000).kind).toBe(fate)
  })

  it('mailboxes absorb two seconds of it, where a lock stands still', async () => {
    const fates = await Promise.all(
      ['mutex', 'channel-per-writer'].map(async (name) => {
        const run = pacedRun(serverNamed(name), FROZEN)
        await run.advance(5_800)
        return fateOf({ run, frame: run.frames.at(-1)!, index: run.frames.length - 1 }, 5_800).kind
      }),
    )
    expect(fates[0]).toBe('stalled')
    expect(fates[1]).not.toBe('stalled')
  })

  it.each(FIVE.map(({ name }) => name))(
    '%s goes on once the write deadline has cut off who does not read',
    async (name) => {
      const run = pacedRun(serverNamed(name), FROZEN)
      await run.advance(20_000)
      expect(run.frames.at(-1)?.clients[5]?.closed).toBe('write-deadline')
      const before = run.frames.at(-1)!.arrived
      await run.advance(22_000)
      expect(run.frames.at(-1)!.arrived).toBeGreaterThan(before)
    },
  )
})

describe('a chat', () => {
  const talking = (paces: Scenario['paces']): Scenario =>
    scenario({ traffic: 'room', everyMs: 1_500, queuedBytesMax: 4_096, paces })

  it.each(FIVE.map(({ name }) => name))('%s brings each line to everybody, its sender too', async (name) => {
    const calm = talking([])
    const run = pacedRun(serverNamed(name), calm)
    await run.advance(8_000)
    const said = run.frames.filter(({ text }) => / says "/.test(text)).length
    const { arrived, letters, clients } = run.frames.at(-1)!
    const under = letters.filter(({ at }) => at === 'queued' || at === 'outgoing').length
    const coming = letters.filter(({ at }) => at === 'incoming' || at === 'inside').length
    expect(said).toBeGreaterThan(20)
    expect(arrived + under).toBe((said - coming) * calm.clients)
    expect(clients.reduce((sum, { received }) => sum + received, 0)).toBe(arrived)
  })

  it.each([
    ['mutex', 'stalled'],
    ['channels', 'stalled'],
    ['channel-per-writer', 'flows'],
    ['race', 'flows'],
    ['reactor', 'flows'],
  ])('five seconds after member 5 stopped reading, the room of %s is %s', async (name, fate) => {
    const run = pacedRun(serverNamed(name), talking([{ at: 3_000, client: 5, everyMs: 'never' }]))
    await run.advance(8_000)
    const frame = run.frames.at(-1)!
    expect(fateOf({ run, frame, index: run.frames.length - 1 }, 8_000).kind).toBe(fate)
  })
})

describe('on a disk whose sync takes 0.6 s', () => {
  const onDisk = async (name: string): Promise<{ readonly shared: number; readonly arrived: number }> => {
    const run = pacedRun(serverNamed(name), scenario({ diskMs: 600, queuedBytesMax: 16_384 }))
    await run.advance(15_000)
    const { disk, arrived } = run.frames.at(-1)!
    return { shared: disk.steps / disk.syncs, arrived }
  }

  it.each(['mutex', 'channels'])('%s syncs for each step', async (name) => {
    const { shared, arrived } = await onDisk(name)
    expect(shared).toBe(1)
    expect(arrived).toBeLessThan(40)
  })

  it.each(['channel-per-writer', 'race', 'reactor'])('%s syncs for several at once', async (name) => {
    const { shared, arrived } = await onDisk(name)
    expect(shared).toBeGreaterThan(3)
    expect(arrived).toBeGreaterThan(100)
  })
})

describe('a run in time', () => {
  it.each(SERVERS.map(({ name }) => name))('%s: one scenario makes one trace, with 8 clients', async (name) => {
    const eight = scenario({
      clients: 8,
      traffic: 'everyone',
      durationMs: 6_000,
      paces: [{ at: 2_000, client: 7, everyMs: 'never' }],
    })
    const traces: string[] = []
    for (let time = 0; time < 2; time++) {
      const run = pacedRun(serverNamed(name), eight)
      await run.advance(6_000)
      traces.push(traceOf(run))
    }
    expect(traces[1]).toBe(traces[0])
  })

  it.each(SERVERS.map((server) => [server.name, server] as const))(
    '%s lights lines of its file that exist',
    async (_, server) => {
      const run = pacedRun(server, scenario({ durationMs: 4_000 }))
      await run.advance(4_000)
      const lit = new Set(run.frames.flatMap(({ lines }) => lines))
      const lines = read(server.file).split('\n')
      for (const line of lit) expect(lines[line - 1]?.trim(), `${server.file}:${line}`).toMatch(/\S/)
      // A mutant that changes nothing but limits, or a class beside it, has hardly a statement of its own.
      if (server.kind !== 'mutant') expect(lit.size).toBeGreaterThan(10)
    },
  )

  it('all servers get the same traffic, message by message', async () => {
    const sent = await Promise.all(
      FIVE.map(async (server) => {
        const run = pacedRun(server, scenario({ durationMs: 8_000 }))
        await run.advance(8_000)
        return run.frames.filter(({ text }) => text.includes(' sends ')).map(({ at, text }) => `${at} ${text}`)
      }),
    )
    for (const one of sent) expect(one).toEqual(sent[0])
    expect(sent[0]?.length).toBeGreaterThan(40)
  })

  it.each(FIVE.map(({ name }) => name))('%s brings everything that was sent, where everybody reads', async (name) => {
    const calm = scenario({ traffic: 'everyone', durationMs: 12_000 })
    const run = pacedRun(serverNamed(name), { ...calm, durationMs: 12_000 })
    await run.advance(12_000)
    const sent = trafficOf(calm).reduce((sum, planned) => sum + planned.filter(({ at }) => at < 10_000).length, 0)
    expect(run.frames.at(-1)!.arrived).toBeGreaterThanOrEqual(sent)
    expect(run.frames.at(-1)!.letters.every(({ at }) => at !== 'dropped' && at !== 'lost')).toBe(true)
  })

  it('advancing in one piece or in many makes the same frames', async () => {
    const whole = pacedRun(serverNamed('reactor'), FROZEN)
    await whole.advance(9_000)
    const pieces = pacedRun(serverNamed('reactor'), FROZEN)
    for (let at = 0; at <= 9_000; at += 17) await pieces.advance(at)
    await pieces.advance(9_000)
    expect(traceOf(pieces)).toBe(traceOf(whole))
  })

  it('finds the frame of a moment', () => {
    const frames = [0, 5, 5, 9].map((at) => ({ at }))
    const at = (moment: number): number => indexAt(frames, moment)
    expect([at(-1), at(0), at(4), at(5), at(8), at(9), at(99)]).toEqual([0, 0, 0, 2, 2, 3, 3])
  })
})
