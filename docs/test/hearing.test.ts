import { expect, it } from 'vitest'
import { ReplayedRun } from '../src/stage/replayed-run.ts'

it('lines that run because somebody looks into a server are not lit', async () => {
  const run = new ReplayedRun('sim1:same-lock-twice:r8,s8,w::1:s0sn')
  while (!run.over) await run.step()
  const last = run.frames.at(-1)
  expect(last?.text).toBe('nothing is left to happen')
  expect(last?.deadlock).toBe(true)
  expect(last?.lines).toEqual([])
})
