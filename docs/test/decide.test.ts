import { describe, expect, it } from 'vitest'
import { advise, contradiction } from '../src/site/decide.ts'
import type { Candidate, Needs } from '../src/site/decide.ts'
import { SERVERS } from '../src/stage/servers.ts'

const CALM: Needs = {
  problem: 'router',
  isolation: 'no',
  totalOrder: false,
  boundedMemory: true,
  everythingArrives: true,
  manyStalled: false,
  durable: false,
}
const LINES: Readonly<Record<string, number>> = {
  mutex: 68,
  channels: 97,
  reactor: 111,
  'channel-per-writer': 135,
  race: 152,
}
const CANDIDATES = SERVERS.flatMap(({ name, kind, pattern }): Candidate[] =>
  kind === 'mutant'
    ? []
    : [
        {
          name,
          kind,
          guarantees: pattern.guarantees,
          order: pattern.order,
          fails: pattern.fails ?? [],
          codeLines: LINES[name],
        },
      ],
)

function fitting(needs: Partial<Needs>): string[] {
  return advise({ ...CALM, ...needs }, CANDIDATES).flatMap(({ candidate, lacks }) =>
    lacks.length === 0 ? [candidate.name] : [],
  )
}

describe('the decision', () => {
  it('where everybody reads: the shortest', () => {
    expect(fitting({})[0]).toBe('mutex')
  })

  it('where nobody may notice: reactor or race, and no server that waits with the write', () => {
    const names = fitting({ isolation: 'always' })
    expect(names.slice(0, 2)).toEqual(['reactor', 'race'])
    expect(names).not.toContain('mutex')
    expect(names).not.toContain('plain')
  })

  it('where bursts pass: a mailbox is enough', () => {
    expect(fitting({ isolation: 'bursts' })).toContain('channel-per-writer')
    expect(fitting({ isolation: 'bursts' })).not.toContain('channels')
  })

  it('in one order for all: a lock or a dispatcher', () => {
    expect(fitting({ totalOrder: true }).slice(0, 2)).toEqual(['mutex', 'channels'])
  })

  it('one order for all, and nobody waits: nothing, and it says so', () => {
    const needs: Needs = { ...CALM, totalOrder: true, isolation: 'always' }
    expect(contradiction(needs)).toBe(true)
    expect(advise(needs, CANDIDATES)[0]?.lacks).not.toEqual([])
  })

  it('memory without a bound is only for those who ask for it', () => {
    expect(fitting({ isolation: 'always' })).not.toContain('plain')
    expect(fitting({ isolation: 'always', boundedMemory: false })).toContain('plain')
  })

  it('messages may be lost only where that was said', () => {
    expect(fitting({ isolation: 'always' })).not.toContain('dropping-mailboxes')
    expect(fitting({ isolation: 'always', everythingArrives: false })).toContain('dropping-mailboxes')
  })

  it('what is asked of isolation depends on the problem', () => {
    const fits = (problem: Needs['problem']): boolean =>
      fitting({ problem, isolation: 'always' }).includes('channel-per-writer')
    expect([fits('router'), fits('chat'), fits('exchange')]).toEqual([false, true, false])
  })

  it('many streams in one connection: none with a total order, asked for or not', () => {
    expect(fitting({ problem: 'mux' })).not.toContain('mutex')
    expect(fitting({ problem: 'mux', totalOrder: true })).toEqual([])
    expect(contradiction({ ...CALM, problem: 'mux', totalOrder: true })).toBe(true)
  })

  it('durable for many at a time: a pattern that decides on while a sync is under way', () => {
    const names = fitting({ problem: 'exchange', durable: true })
    expect(names[0]).toBe('reactor')
    expect(names).not.toContain('channels')
    expect(fitting({ problem: 'exchange', durable: true, totalOrder: true })).toEqual([
      'mutex-early-release',
      'channels-batched',
    ])
  })
})
