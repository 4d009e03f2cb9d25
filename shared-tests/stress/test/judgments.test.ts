/** From what was seen to a verdict: where the lines are, and that whatever stands between them is not judged. */
import { GUARANTEES } from '@switchyard/core'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../src/index.ts'
import { cellOf, SCENES } from '../src/measure.ts'
import { leftOf, progressVerdict } from '../src/progress-left.ts'
import { everythingArrives } from '../src/scenes/all-to-all.ts'
import { absorption } from '../src/scenes/burst.ts'
import { fairness } from '../src/scenes/flooder.ts'
import { commitsShared } from '../src/scenes/groups-commits.ts'
import { survival } from '../src/scenes/full-peer.ts'
import { flatness } from '../src/scenes/idle.ts'
import { timeKept } from '../src/scenes/keeps-time.ts'
import { isolationOfLagging } from '../src/scenes/lagging-member.ts'
import { oneStep } from '../src/scenes/many-stalled.ts'
import { blame, isolation, memoryBound } from '../src/scenes/stalled-readers.ts'
import type { StalledReaders } from '../src/scenes/stalled-readers.ts'
import { leftOver } from '../src/trials/churn.ts'
import { survived } from '../src/trials/storm.ts'
import { enforced } from '../src/trials/write-deadline.ts'
import type { Deadline } from '../src/trials/write-deadline.ts'
import { declaring } from './support.ts'

const MIB = 1024 * 1024

describe('progress', () => {
  it.each([
    [1, 'holds'],
    [0.25, 'holds'],
    [0.2499, 'undecided'],
    [0.0201, 'undecided'],
    [0.02, 'price-paid'],
    [0, 'price-paid'],
    [Number.NaN, 'undecided'],
  ])('of which %f is left: %s', (left, verdict) => {
    expect(progressVerdict(left)).toBe(verdict)
  })

  it('is that of the pair that fared worst', () => {
    expect(leftOf([100, 200, 50], [100, 20, 60])).toBe(0.1)
    expect(leftOf([100, 0], [100, 0])).toBeNaN()
    expect(leftOf([], [])).toBeNaN()
  })
})

describe('declared and measured', () => {
  const finding = (verdict: Finding['verdict']): Finding => ({ verdict, why: 'so it is', figure: '1', figures: {} })

  it.each([
    [true, 'holds', true],
    [true, 'price-paid', false],
    [true, 'undecided', false],
    [true, 'broken', false],
    [false, 'holds', false],
    [false, 'price-paid', true],
    [false, 'undecided', false],
    [false, 'broken', false],
  ] as const)('declared %s, and %s: ok is %s', (declared, verdict, ok) => {
    const subject = declared ? declaring('one', 'G3') : declaring('one')
    expect(cellOf(subject, 'G3', [finding('undecided'), finding(verdict)])).toMatchObject({ declared, verdict, ok })
  })

  it.each([
    ['G2', 'holds', true],
    ['G2', 'price-paid', true],
    ['G2', 'not-applicable', true],
    ['G2', 'undecided', false],
    ['G2', 'broken', false],
    ['G1', 'holds', true],
    ['G1', 'price-paid', false],
  ] as const)('%s of who declares nothing, and %s: ok is %s', (id, verdict, ok) => {
    const cell = cellOf({ name: 'mine', command: './mine {port}', dialect: ROUTER.dialect }, id, [finding(verdict)])
    expect(cell).toMatchObject({ declared: null, verdict, ok })
  })

  it('every guarantee is shown by exactly one scene', () => {
    expect(SCENES.flatMap(({ shows }) => shows).toSorted()).toEqual(GUARANTEES.toSorted())
  })
})

describe('stalled readers', () => {
  const seen: StalledReaders = {
    doubts: [],
    before: [100, 100],
    during: [100, 90],
    heldBytes: 2 * MIB,
    grownBytes: 3 * MIB,
    grownBy: 'heap',
    allowedBytes: 2 * MIB,
    takenBytes: 20 * MIB,
    senders: 4,
    sendersNotHeld: 0,
    waits: 'nobody waits',
  }

  it('G2, G3 and G4 hold where others go on, the bound is kept and only senders wait', () => {
    expect([isolation(seen), memoryBound(seen), blame(seen)]).toMatchObject([
      { verdict: 'holds', figure: '90 %' },
      { verdict: 'holds', figure: '2.0 MiB' },
      { verdict: 'holds', figure: 'sender' },
    ])
  })

  it('a doubt is no verdict on any of them', () => {
    const doubtful = { ...seen, doubts: ['the stall did not stand'] }
    for (const judge of [isolation, memoryBound, blame]) {
      expect(judge(doubtful)).toMatchObject({ verdict: 'undecided', why: 'the stall did not stand' })
    }
  })

  it.each([
    [2 * MIB + 1, 3 * MIB, 'price-paid'],
    [2 * MIB, 6 * MIB, 'holds'],
    [2 * MIB, 6 * MIB + 1, 'undecided'],
    [2 * MIB, 18 * MIB, 'price-paid'],
  ])('G3: %i bytes held, the heap grown by %i: %s', (heldBytes, grownBytes, verdict) => {
    expect(memoryBound({ ...seen, heldBytes, grownBytes }).verdict).toBe(verdict)
  })

  it.each([
    ['little of either', MIB, 6 * MIB, 'holds'],
    ['much of both', 30 * MIB, 35 * MIB, 'price-paid'],
    ['garbage, perhaps', MIB, 6 * MIB + 1, 'not-applicable'],
    ['dropped, perhaps', 30 * MIB, MIB, 'not-applicable'],
    ['nobody knows', Number.NaN, 3 * MIB, 'not-applicable'],
    ['nor what is resident', MIB, Number.NaN, 'not-applicable'],
  ])('G3 from outside: %s', (_, heldBytes, grownBytes, verdict) => {
    expect(memoryBound({ ...seen, heldBytes, grownBytes, grownBy: 'resident' }).verdict).toBe(verdict)
  })

  it.each([
    ['everybody waits', { during: [0, 0] }, 'price-paid', 'everybody'],
    ['one innocent pair waits', { during: [100, 0] }, 'price-paid', 'everybody'],
    ['nobody waits', { sendersNotHeld: 4 }, 'price-paid', 'nobody'],
    ['one of the guilty does not wait', { sendersNotHeld: 1 }, 'price-paid', 'nobody'],
    ['innocent pairs are slow', { during: [10, 10] }, 'undecided', 'sender'],
  ])('G4: %s', (_, otherwise, verdict, figure) => {
    expect(blame({ ...seen, ...otherwise })).toMatchObject({ verdict, figure })
  })
})

describe('a burst (G7)', () => {
  const seen = { doubts: [], filled: 'full', burstBytes: MIB / 2, before: [70], during: [70], waits: '' } as const

  it.each([
    [70, 'holds'],
    [10, 'undecided'],
    [1, 'price-paid'],
  ])('after which a pair gets through %i of 70 messages: %s', (messages, verdict) => {
    expect(absorption({ ...seen, during: [messages] }).verdict).toBe(verdict)
  })
})

describe('what is held for one stalled destination and for eight (G8)', () => {
  it.each([
    ['as much', [MIB, MIB], [MIB, MIB], 'holds'],
    ['less', [MIB, MIB / 2], [MIB, MIB], 'holds'],
    ['crumbs more', [MIB, 1.2 * MIB], [MIB, 2 * MIB], 'holds'],
    ['half as much again', [MIB, 1.5 * MIB], [MIB, 2 * MIB], 'undecided'],
    ['eight times as much', [MIB, 8 * MIB], [MIB, 9 * MIB], 'price-paid'],
    ['as much by its own account, and the heap says otherwise', [MIB, MIB], [MIB, 30 * MIB], 'price-paid'],
    ['nothing by its own account, and the heap agrees', [0, 0], [MIB, MIB], 'holds'],
    ['nothing by its own account, and the heap does not agree', [0, 0], [MIB, 14 * MIB], 'price-paid'],
  ])('%s', (_, heldBytes, grownBytes, verdict) => {
    expect(oneStep({ doubts: [], destinations: [1, 8], heldBytes, grownBytes, grownBy: 'heap' }).verdict).toBe(verdict)
  })

  it.each([
    ['as much', [MIB, MIB], [MIB, MIB], 'holds'],
    ['eight times as much', [MIB, 8 * MIB], [MIB, 5 * MIB], 'price-paid'],
    ['as much, and resident memory grows', [MIB, MIB], [MIB, 30 * MIB], 'not-applicable'],
    ['eight times as much, and resident memory does not grow', [MIB, 8 * MIB], [MIB, MIB], 'not-applicable'],
    ['nobody knows', [Number.NaN, Number.NaN], [MIB, MIB], 'not-applicable'],
  ])('from outside: %s', (_, heldBytes, grownBytes, verdict) => {
    const seen = { doubts: [], destinations: [1, 8], heldBytes, grownBytes, grownBy: 'resident' } as const
    expect(oneStep(seen).verdict).toBe(verdict)
  })
})

describe('a flooder (G5)', () => {
  it.each([
    [100, 100, 'holds'],
    [12_800, 100, 'holds'],
    [12_801, 100, 'undecided'],
    [102_400, 100, 'price-paid'],
    [1_024, 0, 'price-paid'],
    [1_023, 0, 'undecided'],
    [7, 7, 'undecided'],
  ])('of which %i reads come on %i messages of the light client that fares worst: %s', (reads, messages, verdict) => {
    expect(fairness([{ to: 'nobody', reads, served: [50_000, messages] }]).verdict).toBe(verdict)
  })
})

describe('idle connections (G6)', () => {
  it.each([
    [11.4, 'holds'],
    [11.5, 'holds'],
    [13, 'undecided'],
    [16, 'price-paid'],
    [300, 'price-paid'],
    [Number.POSITIVE_INFINITY, 'price-paid'],
  ])('beside which a message costs %f µs, where it was 10: %s', (micros, verdict) => {
    expect(flatness({ levels: [0, 5_000], micros: [[10], [micros]] }).verdict).toBe(verdict)
  })

  it('what disturbs most of the blocks is not counted', () => {
    const micros = [
      [10, 10, 50, 90],
      [11, 60, 11, 80],
    ]
    expect(flatness({ levels: [0, 5_000], micros }).figure).toBe('× 1.10')
  })
})

describe('everybody to everybody (G1)', () => {
  const arrived = {
    messageBytes: 32,
    messagesEach: 1,
    reading: 'at-once',
    seconds: 1,
    owedMessages: 0,
    waits: '',
  } as const

  it('holds if nothing is owed; otherwise it says who waits for whom', () => {
    expect(everythingArrives([arrived]).verdict).toBe('holds')
    const stuck = everythingArrives([arrived, { ...arrived, owedMessages: 3, waits: 'deadlock: client 1' }])
    expect(stuck).toMatchObject({ verdict: 'price-paid', why: expect.stringContaining('deadlock: client 1') })
  })
})

describe('the write deadline', () => {
  const seen: Deadline = {
    doubts: [],
    kept: true,
    writeDeadlineMs: 1_500,
    reason: 'write-deadline',
    afterMs: 1_501,
    othersClosed: 0,
    before: [100],
    after: [90],
    sendersGoOn: true,
  }

  it.each([
    ['as it should be', {}, 'holds'],
    ['too early', { afterMs: 1_499 }, 'price-paid'],
    ['never', { reason: undefined, afterMs: Number.NaN }, 'price-paid'],
    ['for another reason', { reason: 'reset' }, 'price-paid'],
    ['and others with it', { othersClosed: 1 }, 'price-paid'],
    ['and others stay blocked', { after: [0] }, 'price-paid'],
    ['and its senders stay blocked', { sendersGoOn: false }, 'price-paid'],
    ['never, as declared', { kept: false, reason: undefined, afterMs: Number.NaN }, 'holds'],
    ['never, as declared, and others stand still', { kept: false, reason: undefined, after: [0] }, 'price-paid'],
  ] as const)('%s', (_, otherwise, verdict) => {
    expect(enforced({ ...seen, ...otherwise }).verdict).toBe(verdict)
  })
})

describe('storms and churn', () => {
  it('an id that was given twice, and others that stand still, are found', () => {
    const storms = { clients: 4_000, seconds: [1, 1], differentIds: 4_000, othersMessages: [3, 5] }
    expect(survived(storms).verdict).toBe('holds')
    expect(survived({ ...storms, differentIds: 3_999 }).verdict).toBe('price-paid')
    expect(survived({ ...storms, othersMessages: [3, 0] }).verdict).toBe('price-paid')
  })

  it.each([
    ['nothing', { memoryBytes: MIB }, 'holds'],
    ['a connection', { openConnections: 1, memoryBytes: MIB }, 'price-paid'],
    ['held bytes', { heldBytes: 1, memoryBytes: MIB }, 'price-paid'],
    ['200 bytes each', { memoryBytes: MIB + 200 * 10_000 }, 'undecided'],
    ['300 bytes each', { memoryBytes: MIB + 300 * 10_000 }, 'price-paid'],
  ])('a wave that leaves: %s', (_, left, verdict) => {
    const first = { seconds: 1, openConnections: 0, heldBytes: 0, memoryBytes: MIB, rssBytes: 0 }
    expect(leftOver({ clientsAtATime: 10_000, clients: 10_000, waves: [first, { ...first, ...left }] }).verdict).toBe(
      verdict,
    )
  })
})

describe('a member that lags (G9)', () => {
  const seen = {
    doubts: [],
    before: [100, 100],
    during: [100, 100],
    heldBytes: 500,
    allowedBytes: 1000,
    said: 300,
    heard: 200,
    missed: 100,
    waits: '',
  }

  it.each([
    ['the others go on', {}, 'holds', '100 %'],
    ['one of them is slower', { during: [90, 100] }, 'undecided', '90 %'],
    ['they stand still', { during: [0, 0], heldBytes: Number.NaN }, 'price-paid', '0 %'],
    ['more is held than promised', { heldBytes: 1001 }, 'price-paid', '100 %'],
    ['it could not be seen', { doubts: ['busy'] }, 'undecided', '?'],
  ])('%s', (_, otherwise, verdict, figure) => {
    expect(isolationOfLagging({ ...seen, ...otherwise })).toMatchObject({ verdict, figure })
  })

  it.each([99, 101])('a notice of %d messages where 100 are missing is wrong, whatever is declared', (missed) => {
    expect(() => isolationOfLagging({ ...seen, missed })).toThrow(/heard 200, and was told that it missed/)
  })
})

describe('time while somebody is stalled (G10)', () => {
  const seen = { doubts: [], beatMs: 1000, longestMs: 1100, shortestMs: 900, beats: 24, waits: '' }

  it.each([
    ['beats come on time', {}, 'holds', '1100 ms'],
    ['one is late', { longestMs: 1201 }, 'undecided', '1201 ms'],
    ['one is early', { shortestMs: 799 }, 'undecided', '1100 ms'],
    ['none come', { longestMs: 3500, shortestMs: Infinity, beats: 0 }, 'price-paid', 'none'],
    ['somebody misses one', { longestMs: 2000 }, 'price-paid', '2000 ms'],
    ['nobody was stalled', { doubts: ['it took all'] }, 'undecided', '?'],
  ])('%s', (_, otherwise, verdict, figure) => {
    expect(timeKept({ ...seen, ...otherwise })).toMatchObject({ verdict, figure })
  })
})

describe('requests for one commit (G11)', () => {
  it.each([
    [800, 'price-paid', '1.0'],
    [700, 'price-paid', '1.1'],
    [400, 'undecided', '2.0'],
    [200, 'holds', '4.0'],
    [0, 'undecided', '?'],
  ])('%d commits for 800 requests', (commits, verdict, figure) => {
    expect(commitsShared({ requests: 800, commits })).toMatchObject({ verdict, figure })
  })
})

describe('a peer that writes before it reads (G12)', () => {
  const seen = { doubts: [], sentBytes: 1000, takenBytes: 1000, heldBytes: 500, waits: '' }

  it.each([
    ['all of it is taken', {}, 'holds', '100 %'],
    ['all but a little is', { takenBytes: 990 }, 'price-paid', '99 %'],
    ['the connection was never full', { doubts: ['the kernel took it'] }, 'undecided', '?'],
  ])('%s', (_, otherwise, verdict, figure) => {
    expect(survival({ ...seen, ...otherwise })).toMatchObject({ verdict, figure })
  })
})
