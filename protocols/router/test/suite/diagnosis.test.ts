/** The right cause is named first: of servers that commands start, as their authors will have them judged, and of the reference. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { clauseOf, command, diagnose, inProcess, verify } from '@switchyard/conformance'
import { CASES, CAUSES, ROUTER } from '@switchyard/protocols/router/suite'
import type { Cause, Report } from '@switchyard/conformance'
import type { Case } from '@switchyard/protocols/router/suite'
import { reference } from './servers/reference.ts'

const BEGINNER = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(fileURLToPath(new URL('fixtures/beginner.mjs', import.meta.url)))}`

/** Enough to tell the causes apart: a case or two of each kind, of those that take no longer than they must. */
const TELLING: readonly string[] = [
  'R1.1-id-as-it-was-read',
  'R1.3-empty-body',
  'R1.3-every-byte',
  'R1.3-a-million-bytes',
  'R1.4-not-a-byte-more',
  'R1.5-byte-by-byte',
  'R1.5-hundreds-in-a-segment',
  'R1.5-cut-at-a-segment',
  'R1.5-unfinished-of-each',
  'R2.1-different-ids',
  'R2.1-different-ids-at-one-moment',
  'R2.1-not-given-again',
  'R3.1-named-and-no-other',
  'R3.2-order-of-a-pair',
  'R3.3-many-to-one',
  'R3.5-nothing-before-the-nul',
  'R3.6-to-itself',
  'R3.7-unknown-id',
  'R4.1-complete-before-fin',
  'R4.1-fin-behind-own-messages',
  'R4.1-departed-dropped',
  'R4.2-reset-in-a-message',
  'R4.3-idle-shutdown',
  'R5.1-one-too-many',
  'R5.1-default-limit',
  'R5.2-one-connection-too-many',
  'R5.2-place-free-again',
  'R5.3-stalled-aborted',
]
const TELLING_CASES = TELLING.map(caseOf)
/** The same for servers that are started by commands, which takes longer. */
const FEW: readonly string[] = [
  'R1.1-id-as-it-was-read',
  'R1.3-empty-body',
  'R1.5-byte-by-byte',
  'R1.5-hundreds-in-a-segment',
  'R1.5-cut-at-a-segment',
  'R3.7-unknown-id',
  'R4.1-complete-before-fin',
  'R5.1-one-too-many',
  'R5.2-one-connection-too-many',
  'R5.2-place-free-again',
  'R5.3-stalled-aborted',
]
const FEW_CASES = FEW.map(caseOf)

describe.concurrent('a beginner’s server gets the right cause named first', () => {
  test.each([
    ['takes a read for a message', 'one-message-per-read'],
    ['one message per read', 'one-message-per-read'],
    ['writes ids little-endian', 'writes-little-endian'],
    ['reads ids little-endian', 'reads-little-endian'],
    ['little-endian all over', 'little-endian-all-over'],
    ['forgets the NUL', 'forgets-nul'],
    ['dies at an unknown id', 'dies-at-unknown-id'],
    ['blocks on a stalled reader', 'blocks-on-stalled-reader'],
    ['never closes', 'never-frees-clients'],
    ['never frees a place', 'never-frees-clients'],
    ['none', 'no-limits'],
  ] as const)(
    '%s: %s',
    async (fault, id) => {
      await using target = command(`${BEGINNER} {port} '${fault}'`)
      const report = await verify(ROUTER, target, { cases: FEW_CASES, stillMs: 700 })
      expect(causesOf(report)[0], report.summary).toBe(id)
    },
    60_000,
  )
})

describe.concurrent('a server with one fault gets its cause named first', () => {
  test.each([
    ['forwards no NUL', 'forgets-nul'],
    ['forwards the id', 'forwards-id'],
    ['adds a newline', 'adds-bytes'],
    ['handles one message a chunk', 'buffer-without-loop'],
    ['forgets what a chunk cuts', 'loses-cut-messages'],
    ['has one parser for all', 'one-buffer-for-all'],
    ['ends messages at 0xff too', 'bodies-as-text'],
    ['ignores empty bodies', 'ignores-empty-bodies'],
    ['cuts long bodies', 'long-messages'],
    ['ends who names nobody', 'blames-sender-for-unknown-id'],
    ['answers who names nobody', 'answers-unknown-id'],
    ['sends to everybody', 'broadcasts'],
    ['forwards before the NUL', 'forwards-early'],
    ['ignores messages to oneself', 'ignores-self'],
    ['gives ids again', 'reuses-ids'],
    ['counts ids a little late', 'ids-repeat'],
    ['lets the pieces of messages take turns', 'mixes-messages'],
    ['sends the newest first', 'reorders'],
    ['never closes after a FIN', 'never-frees-clients'],
    ['never frees a place', 'never-frees-clients'],
    ['forwards what a FIN cut', 'forwards-what-was-cut'],
    ['destroys at a FIN', 'half-close'],
    ['has no limit for messages', 'no-message-limit'],
    ['lets one too many in', 'no-connection-limit'],
    ['has no write deadline', 'no-write-deadline'],
    ['destroys at shutdown', 'shuts-down-badly'],
  ] as const)(
    '%s: %s',
    async (fault, id) => {
      // What a server of one's own can be judged by.
      const target = { ...inProcess(ROUTER, reference(fault)), offers: ['wire', 'limits', 'signal'] as const }
      const report = await verify(ROUTER, target, { cases: TELLING_CASES, stillMs: 300 })
      expect(causesOf(report)[0], report.summary).toBe(id)
    },
    60_000,
  )
})

test.skipIf(process.platform !== 'linux')('a server that spins after a FIN is known by its CPU time', async () => {
  await using target = command(`${BEGINNER} {port} 'spins after a FIN'`)
  const report = await verify(ROUTER, target, { cases: [caseOf('R4.1-complete-before-fin')], stillMs: 700 })
  expect(causesOf(report)).toEqual(['spins-after-fin'])
})

test('in brief, no case is run that shows the first cause once more, and the cause is the same', async () => {
  const report = await verify(ROUTER, inProcess(ROUTER, reference('ignores messages to oneself')), {
    stillMs: 300,
    brief: true,
  })
  expect(causesOf(report)[0]).toBe('ignores-self')
  const failed = new Set(report.results.filter(({ verdict }) => verdict === 'failed').map(({ clause }) => clause))
  const closed = report.results.filter(({ verdict }) => verdict === 'not-run')
  expect(closed.map(({ case: id }) => id)).toContain('R3.6-megabytes-to-itself')
  for (const { clause } of closed) expect([...failed]).toContain(clause)
}, 60_000)

const LATE = { codes: ['late'] } as const

describe('causes', () => {
  test('have ids and titles of their own', () => {
    expect(new Set(CAUSES.map(({ id }) => id)).size).toBe(CAUSES.length)
    expect(new Set(CAUSES.map(({ title }) => title)).size).toBe(CAUSES.length)
  })

  test.each(CAUSES)('$id speaks of cases that there are, and of a clause', ({ signs, clause }) => {
    expect(() => clauseOf(ROUTER, clause)).not.toThrow()
    for (const sign of signs.flat()) {
      const ids = sign.kind === 'passes' ? [sign.case] : sign.kind === 'fails' ? (sign.cases ?? []) : []
      for (const id of ids) expect(() => caseOf(id)).not.toThrow()
    }
  })

  test('each account for a failure once; what none accounts for stands under none', () => {
    const failed = ['R3.1', 'R5.2', 'R1.2'] as const
    const results = failed.map((clause) => ({
      clause,
      case: CASES.find((each) => each.clause === clause)?.id ?? '',
      name: 'it does',
      verdict: 'failed' as const,
      message: 'it did not',
      failure: { code: 'late' as const },
      ms: 1,
      wire: [],
    }))
    const causes: readonly Cause[] = [
      { ...cause('a'), signs: [[{ kind: 'fails', clauses: ['R5.2'], like: [LATE] }]] },
      { ...cause('b'), signs: [[{ kind: 'fails', like: [LATE], clauses: ['R5.2'] }]] },
      { ...cause('c'), signs: [[{ kind: 'fails', clauses: ['R3.1'], like: [LATE], unless: [LATE] }]] },
      { ...cause('d'), signs: [[{ kind: 'fails', clauses: ['R3.1'] }]], explains: [{ clauses: ['R5.2'] }] },
    ]
    const diagnoses = diagnose({ results, findings: [] }, causes)
    expect(diagnoses.map((each) => [each.cause?.id, each.failures.map(({ clause }) => clause)])).toEqual([
      ['a', ['R5.2']],
      ['d', ['R3.1']],
      [undefined, ['R1.2']],
    ])
  })

  test('of a server that passes are none', () => {
    expect(diagnose({ results: [], findings: [] }, CAUSES)).toEqual([])
  })
})

function causesOf(report: Report): string[] {
  return diagnose(report, CAUSES).map(({ cause: found }) => found?.id ?? 'unknown')
}

function cause(id: string): Cause {
  return { id, title: id, looksLike: '', toDo: '', clause: 'R1.1', signs: [], explains: [] }
}

function caseOf(id: string): Case {
  const found = CASES.find((each) => each.id === id)
  if (found) return found
  throw new Error(`there is no case ${id}`)
}
