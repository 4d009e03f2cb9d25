import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { decodeLink, encodeLink } from '../src/stage/link.ts'
import { decodeScenario, DEFAULT_SCENARIO, encodeScenario, LinkError, TRAFFICS } from '../src/stage/scenario.ts'
import type { Scenario } from '../src/stage/scenario.ts'
import { SERVERS } from '../src/stage/servers.ts'

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  servers: fc.uniqueArray(fc.constantFrom(...SERVERS.map(({ name }) => name)), { minLength: 1, maxLength: 5 }),
  clients: fc.integer({ min: 8, max: 8 }),
  traffic: fc.constantFrom(...TRAFFICS),
  seed: fc.nat({ max: 2 ** 32 - 1 }),
  everyMs: fc.integer({ min: 50, max: 60_000 }),
  bodyBytes: fc.integer({ min: 4, max: 400 }),
  queuedBytesMax: fc.integer({ min: 1024, max: 2 ** 20 }),
  writeDeadlineMs: fc.integer({ min: 100, max: 600_000 }),
  bufferBytes: fc.integer({ min: 16, max: 2 ** 16 }),
  diskMs: fc.nat({ max: 10_000 }),
  durationMs: fc.integer({ min: 1_000, max: 600_000 }),
  paces: fc.array(
    fc.record({
      at: fc.nat({ max: 600_000 }),
      client: fc.nat({ max: 7 }),
      everyMs: fc.oneof(fc.constant('never' as const), fc.nat({ max: 60_000 })),
    }),
    { maxLength: 20 },
  ),
})

describe('a link', () => {
  it('carries a scenario and a moment, and comes back as it was', () => {
    fc.assert(
      fc.property(scenarios, fc.nat({ max: 600_000 }), fc.option(fc.nat(200)), (scenario, at, events) => {
        expect(decodeScenario(encodeScenario(scenario))).toEqual(scenario)
        const shown = { script: { kind: 'scenario', scenario } as const, at, ...(events !== null && { events }) }
        expect(decodeLink('a', encodeLink('a', shown))).toEqual(shown)
      }),
    )
  })

  it("carries a line of the simulator's as it is", () => {
    const shown = { script: { kind: 'line', line: 'sim1:same-lock-twice:r8,s8,w::1:s0sn' } as const, at: 1_600 }
    expect(encodeLink('a', shown)).toBe('#a=sim1:same-lock-twice:r8,s8,w::1:s0sn@1600')
    expect(decodeLink('a', encodeLink('a', shown))).toEqual(shown)
  })

  it('is about one stage: to another one it says nothing', () => {
    expect(decodeLink('b', '#a=sim1:x@0')).toBeUndefined()
    expect(decodeLink('a', '#why')).toBeUndefined()
  })

  it.each([
    ['', /begins with/],
    ['stage2;mutex;pairs', /begins with "stage2", not with "stage1"/],
    ['stage1;mutex;postal', /traffic is "postal".*pairs, everyone, one/],
    ['stage1;mutex;pairs;n9', /clients is 9.*from 2 to 8/],
    ['stage1;mutex;pairs;n2.5', /clients is 2.5/],
    ['stage1;mutex;pairs;z3', /"z3" is not part/],
    ['stage1;mutex;pairs;x1.2', /"x1.2" is no change of pace/],
    ['stage1;mutex;pairs;n4;x1.7.never', /no client 7 among 4/],
    [`stage1;mutex;pairs${';x1.1.1'.repeat(201)}`, /at most 200/],
  ])('that makes no sense says why: %s', (text, reason) => {
    expect(() => decodeScenario(text)).toThrow(LinkError)
    expect(() => decodeScenario(text)).toThrow(reason)
  })

  it('that is damaged in its percent signs says so', () => {
    expect(() => decodeLink('a', '#a=%E0%A4%A')).toThrow(LinkError)
  })

  it('needs nothing that is not in it but the defaults of its version', () => {
    expect(decodeScenario('stage1;mutex;pairs')).toEqual({ ...DEFAULT_SCENARIO, servers: ['mutex'] })
  })
})
