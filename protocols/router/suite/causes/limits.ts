/** Faults in what a server puts up with. */
import type { Cause, Explained } from '@switchyard/conformance/portable'

const TOO_LONG = 'R5.1-one-too-many'
const ONE_TOO_MANY = 'R5.2-one-connection-too-many'
const STALLED = 'R5.3-stalled-aborted'
const BY_SIGTERM = /was ended by SIGTERM/
const SHUTDOWN: Explained = { kind: 'clauses', clauses: ['R4.3', 'R5.5'] }

export const LIMIT_CAUSES: readonly Cause[] = [
  {
    id: 'blocks-on-stalled-reader',
    title: 'One client that stops reading blocks everybody',
    looksLike:
      'A write waits until the destination reads, and nothing else is done meanwhile: pairs that have nothing to do ' +
      'with it stand still.',
    toDo:
      'Do not wait inside the loop that serves everybody: queue for each destination, write when its socket is ' +
      'writable; and give up on a client that accepts nothing for writeDeadlineMs (R5.3).',
    clause: 'R5.3',
    signs: [[{ kind: 'fails', case: STALLED, says: /a message between two others/ }]],
    explains: [
      { kind: 'clauses', clauses: ['R5.3'] },
      { kind: 'saying', says: /a message between two others|what the senders? waits? for/ },
    ],
  },
  {
    id: 'limits-not-read',
    title: 'It has limits, but not those that it was given',
    looksLike: 'The default limit for messages holds; another one, given by its environment variable, does not.',
    toDo: 'Read SWITCHYARD_MESSAGE_BYTES_MAX and its fellows: bytes and milliseconds, as their names end.',
    clause: 'R5.1',
    signs: [
      [
        { kind: 'fails', case: TOO_LONG },
        { kind: 'passes', case: 'R5.1-default-limit' },
      ],
    ],
    explains: [
      { kind: 'clauses', clauses: ['R5.1', 'R5.2', 'R5.3', 'R5.5', 'R5.6'] },
      { kind: 'saying', says: /were let in/ },
    ],
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
        { kind: 'fails', case: TOO_LONG },
        { kind: 'fails', case: ONE_TOO_MANY },
        { kind: 'fails', case: STALLED },
      ],
    ],
    explains: [
      { kind: 'clauses', clauses: ['R5.1', 'R5.2', 'R5.3', 'R5.4', 'R5.6'] },
      { kind: 'saying', says: /were let in/ },
    ],
  },
  {
    id: 'no-message-limit',
    title: 'The limit for the length of a message does not hold exactly',
    looksLike: 'n bytes (body and NUL) are a message; a message is too long as soon as n have come without a NUL.',
    toDo: 'Count while you read, not at the NUL; then route what came before, forward nothing of it, and abort its sender.',
    clause: 'R5.1',
    signs: [[{ kind: 'some-fail', clause: 'R5.1', says: /./ }]],
    explains: [{ kind: 'clauses', clauses: ['R5.1'] }],
  },
  {
    id: 'no-connection-limit',
    title: 'The limit for connections does not hold exactly',
    looksLike:
      'n clients are served; one more is closed at once, without a byte, and its place is free when one leaves.',
    toDo: 'Count open connections at the accept, and count one less as soon as a client is gone.',
    clause: 'R5.2',
    signs: [[{ kind: 'some-fail', clause: 'R5.2', says: /./ }]],
    explains: [{ kind: 'clauses', clauses: ['R5.2'] }],
  },
  {
    id: 'ids-without-end',
    title: 'Ids do not run out',
    looksLike: 'With idsMax of six, a seventh client got an id.',
    toDo: 'Refuse connections, as at connectionsMax, once idsMax ids have been given. A counter that wraps reuses ids.',
    clause: 'R2.1',
    signs: [[{ kind: 'fails', case: 'R2.1-ids-run-out' }]],
    explains: [{ kind: 'saying', says: /were let in|was given once more/ }],
  },
  {
    id: 'no-write-deadline',
    title: 'A client that never reads is kept for ever',
    looksLike: 'What is queued for it stays in memory, or whoever sends to it waits without end.',
    toDo: 'Abort a client for which bytes are queued and of which the system accepted none for writeDeadlineMs.',
    clause: 'R5.3',
    signs: [[{ kind: 'some-fail', clause: 'R5.3', says: /was not aborted|what the senders? waits? for/ }]],
    explains: [{ kind: 'clauses', clauses: ['R5.3'] }],
  },
  {
    id: 'no-bound-for-memory',
    title: 'What it holds altogether has no bound',
    looksLike: 'Many clients with unfinished messages, each within its limit, fill the memory together.',
    toDo: 'Count what is held; at heldBytesMax stop reading; if unfinished messages alone fill it, abort the largest.',
    clause: 'R5.6',
    signs: [[{ kind: 'some-fail', clause: 'R5.6', says: /./ }]],
    explains: [{ kind: 'clauses', clauses: ['R5.6'] }],
  },
  {
    id: 'dies-at-sigterm',
    title: 'SIGTERM kills it',
    looksLike: 'Asked to stop, it is gone at once, with whatever was on its way.',
    toDo:
      'Handle SIGTERM: stop accepting and reading, deliver what was read, send FIN to everybody, end with exit code 0 ' +
      'when they have closed, after graceMs at the latest.',
    clause: 'R4.3',
    signs: [
      [{ kind: 'some-fail', clause: 'R4.3', says: BY_SIGTERM }],
      [{ kind: 'some-fail', clause: 'R5.5', says: BY_SIGTERM }],
    ],
    explains: [SHUTDOWN, { kind: 'saying', says: BY_SIGTERM }],
  },
  {
    id: 'shuts-down-badly',
    title: 'It does not shut down as it should',
    looksLike: 'After SIGTERM it loses messages, cuts clients off, lingers too long, or ends with another code than 0.',
    toDo:
      'Stop accepting; deliver what was read; FIN to everybody; wait for theirs for lingerMs each, and graceMs in all; ' +
      'abort who reads nothing after a quarter of it; exit with 0.',
    clause: 'R4.3',
    signs: [[{ kind: 'some-fail', clause: 'R4.3', says: /./ }], [{ kind: 'some-fail', clause: 'R5.5', says: /./ }]],
    explains: [SHUTDOWN],
  },
]
