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
  'an id, sent back as it was read',
  'an empty body is a message',
  'every byte but NUL may stand',
  'a body of a million bytes',
  'the destination receives bodies and their NULs',
  'a message that comes one byte at a time',
  'a segment may hold hundreds of messages',
  'a segment may end in the middle of a message',
  'each client has its own unfinished message',
  'clients that connect at the same moment',
  'an id is not given again',
  'a message reaches the client that it names',
  'thousands of messages of mixed lengths',
  'messages of many senders to one destination',
  'nothing of a message is forwarded before',
  'a client that sends to itself receives',
  'a message to an unknown id is dropped',
  'complete messages before a FIN',
  'a client that sends to itself and then FIN',
  'a message for a client that has left is dropped',
  'a reset in the middle of a message',
  'an idle server that is shut down',
  'a message of n+1 bytes ends its sender; what came before it',
  'at the default limit, n bytes are routed',
  'n-1 and n clients are served',
  'the place of a client that has left is free again',
  'a client that reads nothing is aborted',
]
const TELLING_CASES = TELLING.map(beginningWith)
/** The same for servers that are started by commands, which takes longer. */
const FEW: readonly string[] = [
  'an id, sent back as it was read',
  'an empty body is a message',
  'a segment may hold hundreds of messages',
  'a segment may end in the middle of a message',
  'a message to an unknown id is dropped',
  'complete messages before a FIN',
  'a message of n+1 bytes ends its sender; what came before it',
  'n-1 and n clients are served',
  'the place of a client that has left is free again',
  'a client that reads nothing is aborted',
]
const FEW_CASES = FEW.map(beginningWith)

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
    ['handles one message a chunk', 'one-message-per-read'],
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
    ['counts ids a little late', 'ids-collide'],
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

describe('causes', () => {
  test('have ids and titles of their own', () => {
    expect(new Set(CAUSES.map(({ id }) => id)).size).toBe(CAUSES.length)
    expect(new Set(CAUSES.map(({ title }) => title)).size).toBe(CAUSES.length)
  })

  test.each(CAUSES)('$id speaks of cases that there are, and of a clause', ({ signs, clause }) => {
    expect(() => clauseOf(ROUTER, clause)).not.toThrow()
    for (const sign of signs.flat()) if ('case' in sign) expect(() => beginningWith(sign.case)).not.toThrow()
  })

  test('each account for a failure once; what none accounts for stands under none', () => {
    const failed = ['R3.1', 'R5.2', 'R1.2'] as const
    const results = failed.map((clause) => ({
      clause,
      case: beginningOf(clause),
      verdict: 'failed' as const,
      message: 'it did not',
      ms: 1,
      wire: [],
    }))
    const causes: readonly Cause[] = [
      { ...cause('a'), signs: [[{ kind: 'some-fail', clause: 'R5.2', says: /it did not/ }]] },
      { ...cause('b'), signs: [[{ kind: 'some-fail', says: /it did not/, clause: 'R5.2' }]] },
      { ...cause('c'), signs: [[{ kind: 'some-fail', clause: 'R3.1', says: /it did not/, silent: /did/ }]] },
      {
        ...cause('d'),
        signs: [[{ kind: 'some-fail', clause: 'R3.1', says: /did/ }]],
        explains: [{ kind: 'clauses', clauses: ['R5.2'] }],
      },
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

/** The one case whose name begins so. */
function beginningWith(beginning: string): Case {
  const found = CASES.filter(({ name }) => name.startsWith(beginning))
  const [first] = found
  if (!first || found.length > 1)
    throw new Error(`"${beginning}" begins the names of ${found.length} cases, not of one`)
  return first
}

function beginningOf(clause: string): string {
  return CASES.find((each) => each.clause === clause)?.name ?? ''
}
