/** Real servers in processes of their own, and what is said of them for what they declare. */
import { describe, expect, it } from 'vitest'
import { measureGuarantee, stress } from '../src/index.ts'
import { declaring, faulty } from './support.ts'

const MINUTE = 60_000

describe('a promise', () => {
  it(
    'that holds is right, and wrong where it was not declared: an unexpected pass',
    async () => {
      const cell = await measureGuarantee(declaring('reactor', 'G2'), 'G2')
      expect(cell).toMatchObject({ subject: 'reactor', guarantee: 'G2', declared: true, verdict: 'holds', ok: true })
      const tooLittle = await measureGuarantee(declaring('reactor'), 'G2')
      expect(tooLittle).toMatchObject({ declared: false, verdict: 'holds', ok: false })
    },
    MINUTE,
  )
})

describe('a price', () => {
  it(
    'that is paid is right, and wrong where the guarantee was declared',
    async () => {
      const { cells } = await stress([declaring('mutex', 'G2', 'G3')], { guarantees: ['G2', 'G3', 'G4'], trials: [] })
      expect(cells).toMatchObject([
        { guarantee: 'G2', declared: true, verdict: 'price-paid', ok: false },
        { guarantee: 'G3', declared: true, verdict: 'holds', ok: true },
        { guarantee: 'G4', declared: false, verdict: 'price-paid', ok: true },
      ])
    },
    MINUTE,
  )

  it(
    'is seen in memory too',
    async () => {
      expect(await measureGuarantee(declaring('plain'), 'G3')).toMatchObject({ verdict: 'price-paid', ok: true })
    },
    MINUTE,
  )
})

describe('a server that breaks is wrong whatever it declares', () => {
  it.each([
    ['dies', /ended with exit code 7 after it wrote:\nthe last words/],
    ['echoes', 'a client got other bytes than were sent to it'],
    ['hangs-up', 'a client lost its connection'],
    ['fails-to-start', 'Cannot find module'],
  ] as const)('%s', async (way, why) => {
    const cell = await measureGuarantee(faulty(way), 'G1')
    expect(cell).toMatchObject({ declared: false, verdict: 'broken', ok: false, why: expect.stringMatching(why) })
  })
})

it('is interrupted by a signal, with its reason', async () => {
  const interruption = new AbortController()
  const shown: string[] = []
  const measuring = stress([declaring('reactor')], {
    signal: interruption.signal,
    show(text) {
      shown.push(text)
      interruption.abort(new Error('enough'))
    },
  })
  await expect(measuring).rejects.toThrow('enough')
  expect(shown).toEqual(['reactor: G1'])
})

it(
  'a server that keeps R5.3 disconnects whoever reads nothing, and only him',
  async () => {
    const { trials } = await stress([declaring('mutex')], { guarantees: [], trials: ['write-deadline', 'storm'] })
    expect(trials).toMatchObject([
      { trial: 'storm', ok: true },
      { trial: 'write-deadline', ok: true },
    ])
  },
  MINUTE,
)
