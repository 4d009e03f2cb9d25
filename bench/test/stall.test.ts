import { describe, expect, it } from 'vitest'
import { stall, verdictOf } from '../src/index.ts'
import type { StallOptions } from '../src/index.ts'
import { tinyServer } from './support.ts'

const LIMITS = { writeDeadlineMs: 3_000 }
/** More than the kernel takes on the way, so that the stall stands; watched for a shorter time than a report would. */
const OPTIONS: Partial<StallOptions> = { watchMs: 300, offeredBytesMax: 24 * 1024 * 1024 }

describe('the verdict', () => {
  it.each([
    [1, 'goes-on'],
    [0.25, 'goes-on'],
    [0.2499, 'undecided'],
    [0.0201, 'undecided'],
    [0.02, 'stalls'],
    [0, 'stalls'],
    [Number.NaN, 'undecided'],
  ])('on %f of the rate is: %s', (rateLeft, verdict) => {
    expect(verdictOf(rateLeft)).toBe(verdict)
  })
})

describe('one stalled reader', () => {
  it('of a server that waits for nobody leaves the others alone; what is sent to it piles up', async () => {
    await using server = await tinyServer('goes-on', LIMITS)
    const result = await stall(server, OPTIONS)
    expect(result).toMatchObject({ verdict: 'goes-on', doubts: [], recovery: { state: 'not-needed' } })
    expect(result.heldBytes.total).toBeGreaterThan(result.allowedBytes)
    expect(result.memory.during.heldBytes - result.memory.before.heldBytes).toBeGreaterThan(result.allowedBytes)
    expect(result.takenBytes).toBeGreaterThan(result.heldBytes.total)
    expect(result.takenBytes).toBeLessThanOrEqual(24 * 1024 * 1024)
  })

  it('of a server that waits for everybody stops the others, until the write deadline', async () => {
    await using server = await tinyServer('stalls', LIMITS)
    const result = await stall(server, OPTIONS)
    expect(result).toMatchObject({ verdict: 'stalls', doubts: [] })
    expect(result.recovery).toMatchObject({ state: 'recovered', reason: 'write-deadline' })
    expect(result.before).toBeGreaterThan(0)
    expect(result.heldBytes.total).toBeLessThan(result.allowedBytes)
  })

  it('whose server delivers wrong bytes to others is an error', async () => {
    await using server = await tinyServer('garbles', LIMITS)
    await expect(stall(server, OPTIONS)).rejects.toThrow('a client got other bytes than were sent to it')
  })

  it('needs a write deadline that outlasts the time that the others are watched', async () => {
    await using server = await tinyServer('goes-on', { writeDeadlineMs: 999 })
    await expect(stall(server, OPTIONS)).rejects.toThrow(RangeError)
  })
})
