import { describe, expect, test } from 'vitest'
import { inProcess, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { ClauseId } from '@switchyard/protocols/router/suite'
import { reference } from './servers/reference.ts'

/** Faults, by the clause that they break. */
const FAULTS: Readonly<Partial<Record<ClauseId, readonly string[]>>> = {
  'R1.1': ['writes ids little-endian', 'is little-endian all over'],
  'R1.2': ['greets', 'sends the id a little late', 'sends no id'],
  'R1.3': ['ignores empty bodies', 'ends messages at 0xff too', 'cuts long bodies'],
  'R1.4': ['forwards the id', 'forwards no NUL', 'adds a newline'],
  'R1.5': ['handles one message a chunk', 'forgets what a chunk cuts', 'has one parser for all'],
  'R2.1': ['counts ids a little late', 'gives ids again', 'begins again when ids have run out'],
  'R3.1': ['sends to everybody'],
  'R3.2': ['sends the newest first', 'lets short ones pass'],
  'R3.3': ['lets the pieces of messages take turns'],
  'R3.4': ['loses what finds a full queue', 'repeats what finds a full queue'],
  'R3.5': ['forwards before the NUL'],
  'R3.6': ['ignores messages to oneself'],
  'R3.7': ['ends who names nobody', 'answers who names nobody', 'does not count drops'],
  'R4.1': ['destroys at a FIN', 'destroys instead of closing', 'never closes after a FIN', 'forwards what a FIN cut'],
  'R4.2': [
    'forwards what a reset cut',
    'blames whoever sends to a client that resets',
    'keeps what it held for a client that resets',
  ],
  'R4.3': [
    'destroys at shutdown',
    'destroys instead of closing',
    'does not linger',
    'accepts while it shuts down',
    'gives each stalled client a quarter',
    'shuts down without a bound',
  ],
  'R5.1': [
    'takes n+1 bytes',
    'refuses n bytes',
    'has no limit for messages',
    'judges length at the NUL',
    'forwards what is too long',
    'goes on behind what is too long',
  ],
  'R5.2': ['lets one too many in', 'lets one too few in', 'tells whom it refuses', 'never frees a place'],
  'R5.3': [
    'has no write deadline',
    'ends slow readers early',
    'counts the deadline from the first byte',
    'leaves a gap instead of ending',
  ],
  'R5.4': ['has no bound for queues', 'takes any limits'],
  'R5.5': ['lingers for ever', 'shuts down without a bound', 'does not linger'],
  'R5.6': ['has no bound for memory', 'ends the smallest'],
}

describe.concurrent('a server with one fault is caught by the cases of the clause that it breaks', () => {
  for (const [clause, faults] of Object.entries(FAULTS)) {
    for (const fault of faults) {
      test(`${clause}: ${fault}`, async () => {
        const cases = CASES.filter((each) => each.clause === clause)
        const caught = new AbortController()
        const report = await verify(ROUTER, inProcess(ROUTER, reference(fault)), {
          cases,
          stillMs: 1_000,
          signal: caught.signal,
          onProgress: ({ verdict }) => verdict === 'failed' && caught.abort(),
        })
        expect(report.overall, report.summary).toBe('failed')
      })
    }
  }
})
