/** Which ids a run may give, and what a disk knows of them before a client does. */
import { describe, expect, test } from 'vitest'
import { firstIdOf, lastIdOf, OwnIds } from '../src/index.ts'
import { Stage } from './stage.ts'

class Disk {
  highest = 0
  writes = 0
  full = false

  read(): number {
    return this.highest
  }

  write(highestId: number): void {
    if (this.full) throw new Error('no space')
    this.highest = highestId
    this.writes++
  }
}

describe('N1.2: a run begins', () => {
  test('at the first id of its node where nobody knows of an earlier run', () => {
    expect(new OwnIds(3, new Disk()).begin(0)).toBe(firstIdOf(3))
  })

  test('behind what its disk knows, and what others do', () => {
    const disk = new Disk()
    disk.highest = firstIdOf(3) + 10
    expect(new OwnIds(3, disk).begin(0)).toBe(firstIdOf(3) + 11)
    expect(new OwnIds(3, disk).begin(firstIdOf(3) + 20)).toBe(firstIdOf(3) + 21)
  })

  test('not at all when every id may have been given', () => {
    expect(() => new OwnIds(3, new Disk()).begin(lastIdOf(3))).toThrow(RangeError)
  })
})

test('N1.2: every id is on the disk before it is given, and one in many waits for that', () => {
  const disk = new Disk()
  const ids = new OwnIds(1, disk)
  const first = ids.begin(0)
  for (let id = first; id < first + 20_000; id++) {
    ids.give(id)
    if (id > disk.highest) expect.fail(`id ${id} is given, and the disk knows ${disk.highest}`)
  }
  expect(ids.highest).toBe(disk.highest)
  expect(disk.writes).toBeLessThan(25)
  expect(disk.highest - first).toBeLessThan(25_000)
})

test('N1.2: a run that gives no id leaves none unused, and one that gives a few hundreds', () => {
  const disk = new Disk()
  for (let run = 0; run < 1_000; run++) new OwnIds(1, disk).begin(0)
  expect(disk.writes).toBe(0)
  const ids = new OwnIds(1, disk)
  ids.give(ids.begin(0))
  expect(disk.highest - firstIdOf(1)).toBeLessThan(300)
})

test('N1.2: other nodes can be told of the first ids before one is given', () => {
  const ids = new OwnIds(1, new Disk())
  expect(ids.highest).toBe(0)
  expect(ids.begin(0)).toBeLessThan(ids.highest)
})

test('N1.2: a client whose id a full disk does not take is refused, and told none; others go on', () => {
  const disk = new Disk()
  const ids = new OwnIds(1, disk)
  ids.begin(0)
  const stage = new Stage(1, { ids })
  const early = stage.connect()
  disk.full = true
  disk.highest = 0
  let refused = stage.connect()
  for (let left = 1_000; left > 0 && !stage.aborted.has(refused); left--) refused = stage.connect()
  expect(stage.take(refused)).toHaveLength(0)
  expect(stage.aborted.get(refused)).toContain("its id can't be remembered: Error: no space")
  stage.disconnect(refused)
  stage.write(early, [early, 'on'])
  expect(stage.heard(early)).toEqual(['on'])
})
