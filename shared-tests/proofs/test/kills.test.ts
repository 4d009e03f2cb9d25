import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@switchyard/core'
import { expect, test } from 'vitest'
import { killOnce } from '../src/kills/kill.ts'
import type { Told } from '../src/kills/kill.ts'

test('an exchange that is killed twice while it trades has lost nothing that it told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-killed-'))
  try {
    const told: Told = new Map()
    const random = new Random(4)
    const first = await killOnce('channel-per-writer', folder, told, random)
    const second = await killOnce('race', folder, told, random)
    expect([...first.problems, ...second.problems]).toEqual([])
    expect(second.told).toBeGreaterThan(first.told)
    expect(first.told).toBeGreaterThan(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)
