/** Faults in deciding who gets what. */
import type { Cause } from '@switchyard/conformance/portable'
import { DIFFERS, EXITED, LET_IN, OUT_OF_ORDER, SIGTERM } from './likes.ts'

const UNKNOWN_ID = 'R3.7-unknown-id'

export const ROUTING_CAUSES: readonly Cause[] = [
  {
    id: 'dies-at-unknown-id',
    title: 'It dies at a message to an id that nobody has',
    looksLike: 'One message to a client that has left, or never was, ends the whole server: every client pays for it.',
    toDo: 'Look the id up so that "nobody" is an answer and not an error; drop the message, and read on.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', cases: [UNKNOWN_ID], like: [EXITED] }]],
    explains: [{ like: [EXITED] }, { clauses: ['R3.7'] }],
    apart: true,
  },
  {
    id: 'dies-at-reset',
    title: 'It dies when a client resets its connection',
    looksLike: 'One client whose machine or process goes away without a FIN ends the whole server.',
    toDo:
      'Every read and every write may fail with ECONNRESET or EPIPE: handle the error of each connection where it happens (in ' +
      "Node an 'error' listener on every socket, in C ignore SIGPIPE too), take the client out, and go on.",
    clause: 'R4.2',
    signs: [
      [
        { kind: 'passes', case: 'R1.1-id-as-it-was-read' },
        { kind: 'fails', cases: ['R4.2-reset-in-a-message', 'R4.2-dozens-reset'], like: [EXITED] },
      ],
    ],
    explains: [{ like: [EXITED] }],
    apart: true,
  },
  {
    id: 'crashes',
    title: 'It crashes',
    looksLike: 'The process ends in the middle of a case. Its last words stand below.',
    toDo: 'Read the error; then run the case alone again. A connection may fail at any moment, and no other may notice.',
    clause: 'R4.2',
    signs: [[{ kind: 'fails', like: [EXITED] }]],
    explains: [{ like: [EXITED] }],
    apart: true,
  },
  {
    id: 'blames-sender-for-unknown-id',
    title: 'It ends whoever sends to an id that nobody has',
    looksLike: 'The sender is cut off: an error in its handler or thread, most likely.',
    toDo: 'A message to nobody is dropped, and its sender stays: it can not know that the other has left.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', cases: [UNKNOWN_ID], like: [{ cutOff: 'sender' }] }]],
    explains: [{ clauses: ['R3.7', 'R2.1', 'R1.2'] }, { like: [{ codes: ['ended'] }] }],
  },
  {
    id: 'answers-unknown-id',
    title: 'It answers a message to an id that nobody has',
    looksLike: 'The sender receives something that no client sent.',
    toDo: 'Drop the message without a word: what a client reads are messages of clients.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', cases: [UNKNOWN_ID], like: [DIFFERS] }]],
    explains: [{ clauses: ['R3.7', 'R2.1', 'R1.2', 'R4.1'] }],
  },
  {
    id: 'reuses-ids',
    title: 'It gives the id of a client that has left to another',
    looksLike: 'A late message reaches a stranger: a file descriptor or a place in a list was used as an id.',
    toDo: 'Count upwards, and never back: an id is for one connection, for as long as the server runs.',
    clause: 'R2.1',
    signs: [[{ kind: 'fails', cases: ['R2.1-not-given-again'], like: [{ codes: ['given-again'] }] }]],
    explains: [{ clauses: ['R2.1'], unless: [LET_IN] }],
  },
  {
    id: 'reorders',
    title: 'Messages between two clients arrive out of order, twice or not at all',
    looksLike:
      'Under load, the next message of a sender is not the one that it sent next: two tasks deliver for one sender.',
    toDo: 'One queue for each destination, filled in the order of reading; nothing is dropped because a queue is long.',
    clause: 'R3.2',
    signs: [[{ kind: 'fails', clauses: ['R3.2', 'R3.4'], like: [OUT_OF_ORDER] }]],
    explains: [
      {
        clauses: ['R3.2', 'R3.4', 'R1.3', 'R1.5', 'R3.3', 'R3.6', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'],
        unless: [SIGTERM],
      },
    ],
  },
  {
    id: 'mixes-messages',
    title: 'Bytes of two messages mix on their way to one client',
    looksLike: 'Several senders write to one destination at a time, each a piece of its message.',
    toDo:
      'Write a message in one step, under a lock of the destination or from one queue for each destination; and go on ' +
      'where a write took only a part, before the next message.',
    clause: 'R3.3',
    signs: [[{ kind: 'fails', clauses: ['R3.3'], like: [DIFFERS] }]],
    explains: [{ clauses: ['R3.2', 'R3.3', 'R3.4', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'], unless: [SIGTERM] }],
  },
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
    signs: [[{ kind: 'fails', cases: ['R5.3-stalled-aborted'], like: [{ codes: ['strangers-wait'] }] }]],
    explains: [
      { clauses: ['R5.3'] },
      { like: [{ codes: ['strangers-wait', 'sender-waits'] }] },
      { clauses: ['R3.4', 'R3.6', 'R5.6'], like: [{ codes: ['still'] }] },
    ],
    apart: true,
    stall: true,
  },
]
