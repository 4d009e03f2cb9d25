/** Faults in what a server puts up with. */
import type { Cause, Failures } from '@switchyard/conformance/portable'
import { LET_IN, SIGTERM } from './likes.ts'

const TOO_LONG = 'R5.1-one-too-many'
const SHUTDOWN: Failures = { clauses: ['R4.3', 'R5.5'] }

export const LIMIT_CAUSES: readonly Cause[] = [
  {
    id: 'limits-not-read',
    title: 'It has limits, but not those that it was given',
    looksLike: 'The default limit for messages holds; another one, given by its environment variable, does not.',
    toDo: 'Read SWITCHYARD_MESSAGE_BYTES_MAX and its fellows: bytes and milliseconds, as their names end.',
    clause: 'R5.1',
    signs: [
      [
        { kind: 'fails', cases: [TOO_LONG] },
        { kind: 'passes', case: 'R5.1-default-limit' },
      ],
    ],
    explains: [{ clauses: ['R5.1', 'R5.2', 'R5.3', 'R5.5', 'R5.6'], unless: [SIGTERM] }, { like: [LET_IN] }],
  },
  {
    id: 'no-limits',
    title: 'It has no limits',
    looksLike:
      'A client that sends without end, connects without end or never reads takes memory until there is none: the price ' +
      'of the simplest server, which well-behaved clients never notice.',
    toDo:
      '--profile basic judges what such a server promises. To keep more, add a limit at a time, in this order: the ' +
      'length of a message (R5.1), connections (R5.2), the write deadline (R5.3), then what is queued (R5.4, R5.6).',
    clause: 'R5.1',
    signs: [
      [
        { kind: 'fails', cases: [TOO_LONG] },
        { kind: 'fails', cases: ['R5.2-one-connection-too-many'] },
        { kind: 'fails', cases: ['R5.3-stalled-aborted'] },
      ],
    ],
    explains: [{ clauses: ['R5.1', 'R5.2', 'R5.3', 'R5.4', 'R5.6'] }, { like: [LET_IN] }],
    apart: true,
  },
  {
    id: 'no-message-limit',
    title: 'The limit for the length of a message does not hold exactly',
    looksLike: 'n bytes (body and NUL) are a message; a message is too long as soon as n have come without a NUL.',
    toDo: 'Count while you read, not at the NUL; then route what came before, forward nothing of it, and abort its sender.',
    clause: 'R5.1',
    signs: [[{ kind: 'fails', clauses: ['R5.1'] }]],
    explains: [{ clauses: ['R5.1'] }],
  },
  {
    id: 'no-connection-limit',
    title: 'The limit for connections does not hold exactly',
    looksLike:
      'n clients are served; one more is closed at once, without a byte, and its place is free when one leaves.',
    toDo: 'Count open connections at the accept, and count one less as soon as a client is gone.',
    clause: 'R5.2',
    signs: [[{ kind: 'fails', clauses: ['R5.2'] }]],
    explains: [{ clauses: ['R5.2'] }],
  },
  {
    id: 'ids-without-end',
    title: 'Ids do not run out',
    looksLike: 'With idsMax of six, a seventh client got an id.',
    toDo: 'Refuse connections, as at connectionsMax, once idsMax ids have been given. A counter that wraps reuses ids.',
    clause: 'R2.1',
    signs: [[{ kind: 'fails', cases: ['R2.1-ids-run-out'] }]],
    explains: [{ cases: ['R2.1-ids-run-out'] }],
  },
  {
    id: 'no-write-deadline',
    title: 'A client that never reads is kept for ever',
    looksLike: 'What is queued for it stays in memory, or whoever sends to it waits without end.',
    toDo: 'Abort a client for which bytes are queued and of which the system accepted none for writeDeadlineMs.',
    clause: 'R5.3',
    signs: [[{ kind: 'fails', clauses: ['R5.3'], like: [{ codes: ['not-aborted', 'sender-waits'] }] }]],
    explains: [{ clauses: ['R5.3'] }],
    stall: true,
  },
  {
    id: 'no-bound-for-memory',
    title: 'What it holds altogether has no bound',
    looksLike: 'Many clients with unfinished messages, each within its limit, fill the memory together.',
    toDo: 'Count what is held; at heldBytesMax stop reading; if unfinished messages alone fill it, abort the largest.',
    clause: 'R5.6',
    signs: [[{ kind: 'fails', clauses: ['R5.6'] }]],
    explains: [{ clauses: ['R5.6'] }],
  },
  {
    id: 'dies-at-sigterm',
    title: 'SIGTERM kills it',
    looksLike: 'Asked to stop, it is gone at once, with whatever was on its way.',
    toDo:
      'Handle SIGTERM: stop accepting and reading, deliver what was read, send FIN to everybody, end with exit code 0 ' +
      'when they have closed, after graceMs at the latest.',
    clause: 'R4.3',
    signs: [[{ kind: 'fails', clauses: ['R4.3', 'R5.5'], like: [SIGTERM] }]],
    explains: [SHUTDOWN, { like: [SIGTERM] }],
    apart: true,
  },
  {
    id: 'shuts-down-badly',
    title: 'It does not shut down as it should',
    looksLike: 'After SIGTERM it loses messages, cuts clients off, lingers too long, or ends with another code than 0.',
    toDo:
      'Stop accepting; deliver what was read; FIN to everybody; wait for theirs for lingerMs each, and graceMs in all; ' +
      'abort who reads nothing after a quarter of it; exit with 0.',
    clause: 'R4.3',
    signs: [[{ kind: 'fails', ...SHUTDOWN }]],
    explains: [SHUTDOWN],
  },
  {
    id: 'short-backlog',
    title: 'Its accept queue is short',
    looksLike:
      'Of many clients that connected at the same moment, some waited for a second or longer: the system drops what finds ' +
      'the queue full, and their machines try again.',
    toDo: 'Ask for a longer queue, listen(fd, 511), and accept until there is nobody left. No clause is broken by it.',
    clause: 'R1.2',
    signs: [[{ kind: 'found', finding: 'waits-to-be-let-in' }]],
    explains: [],
    suspicion: true,
  },
]
