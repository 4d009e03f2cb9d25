import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_NAMES } from '@switchyard/core'
import { decodeRun, encodeRun, protocolOf, ReplayLineError } from '../src/index.ts'
import type { Move, Run, World } from '../src/index.ts'
import { bytesOf, send, toySpeech, worldOf } from './toys.ts'
import type { ToySay } from './toys.ts'

const body = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 3 }), fc.nat(300))
    .map(([once, length]) => Uint8Array.from({ length }, (_, i) => once[i % once.length] ?? 0)),
)
const move: fc.Arbitrary<Move<ToySay>> = fc.oneof(
  fc.record({
    kind: fc.constant('say' as const),
    say: fc.record({ kind: fc.constantFrom('send' as const, 'begin' as const), to: fc.nat(40), body }),
  }),
  fc.record({ kind: fc.constantFrom('fin' as const, 'reset' as const, 'stall' as const, 'resume' as const) }),
)
const limits = fc.record(Object.fromEntries(LIMIT_NAMES.map((name) => [name, fc.nat(2 ** 31)])), { requiredKeys: [] })
const parts = {
  clients: fc.array(fc.array(move, { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
  limits,
  buffers: fc.record({ receiveBytes: fc.nat(99_999), sendBytes: fc.nat(99_999) }),
  cuts: fc.constantFrom('whole' as const, 'anywhere' as const),
  prologue: fc.constant(true),
  timeMs: fc.nat(99_999),
  disk: fc.constantFrom('slow' as const, 'dead' as const, 'failing' as const),
  options: fc.dictionary(fc.stringMatching(/^[a-zA-Z]{2,9}$/), fc.nat(99), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  }),
}
const requiredKeys = ['clients', 'shutdown', 'limits', 'buffers', 'cuts'] as const
const world: fc.Arbitrary<World<ToySay>> = fc.oneof(
  fc.record({ ...parts, shutdown: fc.boolean() }, { requiredKeys: [...requiredKeys] }),
  fc.record(
    { ...parts, shutdown: fc.constant(true), shutdownAfter: fc.integer({ min: 1, max: 99 }) },
    { requiredKeys: [...requiredKeys, 'shutdownAfter'] },
  ),
)
const answer = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(9), fc.nat(100))
const run: fc.Arbitrary<Run<ToySay>> = fc.record({
  pattern: fc.constantFrom('mutex', 'channel-per-writer', 'x1'),
  world,
  schedule: fc.array(answer, { maxLength: 60 }),
})

describe('a line to replay', () => {
  test('comes back as the run that it was made of, and holds nothing that a shell expands', () => {
    fc.assert(
      fc.property(run, (given) => {
        const line = encodeRun(given, toySpeech)
        expect(line).toMatch(/^[A-Za-z0-9:,./@=_-]+$/)
        expect(decodeRun(line, toySpeech)).toEqual(given)
        expect(decodeRun(` ${line}\n`, toySpeech)).toEqual(given)
      }),
      { numRuns: 500 },
    )
  })

  test('reads as its notation says', () => {
    const given: Run<ToySay> = {
      pattern: 'mutex',
      world: worldOf(
        [
          [send(1, 'hi'), send(1, 'A'.repeat(40))],
          [send(0, ''), { kind: 'fin' }],
          [
            { kind: 'say', say: { kind: 'begin', to: 0, body: bytesOf('ab') } },
            { kind: 'stall' },
            { kind: 'resume' },
            { kind: 'reset' },
          ],
        ],
        {
          shutdown: true,
          shutdownAfter: 20,
          prologue: true,
          limits: { queuedBytesMax: 2048 },
          options: { roomMax: 2 },
        },
      ),
      schedule: [0, 3, 3, 3, 3, 1, 40],
    }
    expect(encodeRun(given, toySpeech)).toMatch(
      /^sim2:toy:mutex:r64,s64,w,d20,p,q2048,roomMax=2:1\.aGk,1\.QQ@40\/0\.,f\/b0\.YWI,s,c,r:03@4,1=40,:[0-9a-z]{4}$/,
    )
  })

  test('cut short, mistyped or of another version, it is refused, and says why', () => {
    fc.assert(
      fc.property(run, fc.nat(), fc.nat(), (given, at, character) => {
        const line = encodeRun(given, toySpeech)
        const cut = line.slice(0, at % line.length)
        expect(() => decodeRun(cut, toySpeech)).toThrow(ReplayLineError)
        const typed = 'abcdef012345:,'[character % 14] ?? ''
        const wrong = line.slice(0, at % line.length) + typed + line.slice((at % line.length) + 1)
        if (wrong !== line) expect(() => decodeRun(wrong, toySpeech)).toThrow(ReplayLineError)
      }),
      { numRuns: 500 },
    )
    const line = encodeRun({ pattern: 'mutex', world: worldOf([[]]), schedule: [1, 2] }, toySpeech)
    expect(() => decodeRun(line.slice(0, -7), toySpeech)).toThrow('part of the line is missing or mistyped')
    expect(() => decodeRun('sim9:mutex', toySpeech)).toThrow('begins with "sim1:"')
    expect(() => decodeRun('', toySpeech)).toThrow(expect.objectContaining({ code: 'REPLAY_LINE' }))
  })

  test('the first protocol has lines without its name, which were there before any other protocol', () => {
    const router = { ...toySpeech, protocol: 'router' }
    const given = { pattern: 'mutex', world: worldOf([[send(0, '')]]), schedule: [1] }
    const line = encodeRun(given, router)
    expect(line).toMatch(/^sim1:mutex:r64,s64,w:0\.:1:/)
    expect([protocolOf(line), decodeRun(line, router)]).toEqual(['router', given])
    const other = encodeRun(given, toySpeech)
    expect([protocolOf(other), decodeRun(other, toySpeech)]).toEqual(['toy', given])
    expect(() => decodeRun(other, router)).toThrow('the line is of the protocol "toy", not of "router"')
  })

  test('what a speech writes must not be mistaken for anything else', () => {
    for (const text of ['', 'a:b', 'a,b', 'a/b', 'a b', 'f', 's']) {
      const speech = { ...toySpeech, encode: () => text }
      expect(() => encodeRun({ pattern: 'x', world: worldOf([[send(0, '')]]), schedule: [] }, speech)).toThrow(
        TypeError,
      )
    }
  })

  test('a name that is not in kebab-case is refused', () => {
    for (const pattern of ['', 'a b', 'a:b', 'A', '-']) {
      expect(() => encodeRun({ pattern, world: worldOf([[]]), schedule: [] }, toySpeech)).toThrow(TypeError)
    }
  })
})
