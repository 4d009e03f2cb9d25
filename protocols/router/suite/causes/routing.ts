/** Faults in deciding who gets what. */
import type { Cause } from '@switchyard/conformance/portable'

const ENDED = /the process (ended|was ended)/
/** Ends that a case asked for, by a signal, are no accidents. */
const BY_SIGTERM = /SIGTERM/
const UNKNOWN_ID = 'R3.7-unknown-id'

export const ROUTING_CAUSES: readonly Cause[] = [
  {
    id: 'dies-at-unknown-id',
    title: 'It dies at a message to an id that nobody has',
    looksLike: 'One message to a client that has left, or never was, ends the whole server: every client pays for it.',
    toDo: 'Look the id up so that "nobody" is an answer and not an error; drop the message, and read on.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', case: UNKNOWN_ID, says: ENDED }]],
    explains: [
      { kind: 'saying', says: ENDED, silent: BY_SIGTERM },
      { kind: 'clauses', clauses: ['R3.7'] },
    ],
  },
  {
    id: 'crashes',
    title: 'It crashes',
    looksLike: 'The process ends in the middle of a case. Its last words stand below.',
    toDo: 'Read the error; then run the case alone again. A connection may fail at any moment, and no other may notice.',
    clause: 'R4.2',
    signs: [[{ kind: 'some-fail', says: ENDED, silent: BY_SIGTERM }]],
    explains: [{ kind: 'saying', says: ENDED, silent: BY_SIGTERM }],
  },
  {
    id: 'blames-sender-for-unknown-id',
    title: 'It ends whoever sends to an id that nobody has',
    looksLike: 'The sender is cut off: an error in its handler or thread, most likely.',
    toDo: 'A message to nobody is dropped, and its sender stays: it can not know that the other has left.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', case: UNKNOWN_ID, cutOff: 'sender' }]],
    explains: [
      { kind: 'clauses', clauses: ['R3.7', 'R2.1', 'R1.2'] },
      { kind: 'saying', says: /the connection ended/ },
    ],
  },
  {
    id: 'answers-unknown-id',
    title: 'It answers a message to an id that nobody has',
    looksLike: 'The sender receives something that no client sent.',
    toDo: 'Drop the message without a word: what a client reads are messages of clients.',
    clause: 'R3.7',
    signs: [[{ kind: 'fails', case: UNKNOWN_ID, says: /expected \d+ bytes, received \d+/ }]],
    explains: [{ kind: 'clauses', clauses: ['R3.7', 'R2.1', 'R1.2', 'R4.1'] }],
  },
  {
    id: 'reuses-ids',
    title: 'It gives the id of a client that has left to another',
    looksLike: 'A late message reaches a stranger: a file descriptor or a place in a list was used as an id.',
    toDo: 'Count upwards, and never back: an id is for one connection, for as long as the server runs.',
    clause: 'R2.1',
    signs: [[{ kind: 'fails', case: 'R2.1-not-given-again', says: /which a client that has left had/ }]],
    explains: [{ kind: 'clauses', clauses: ['R2.1'] }],
  },
  {
    id: 'reorders',
    title: 'Messages between two clients arrive out of order, twice or not at all',
    looksLike:
      'Under load, the next message of a sender is not the one that it sent next: two tasks deliver for one sender.',
    toDo: 'One queue for each destination, filled in the order of reading; nothing is dropped because a queue is long.',
    clause: 'R3.2',
    signs: [
      [{ kind: 'some-fail', clause: 'R3.2', says: /expected message \d+ of/ }],
      [{ kind: 'some-fail', clause: 'R3.4', says: /expected message \d+ of/ }],
    ],
    explains: [
      {
        kind: 'clauses',
        clauses: ['R3.2', 'R3.4', 'R1.3', 'R1.5', 'R3.3', 'R3.6', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'],
        silent: /ended by SIGTERM/,
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
    signs: [[{ kind: 'some-fail', clause: 'R3.3', says: /they differ/ }]],
    explains: [
      {
        kind: 'clauses',
        clauses: ['R3.2', 'R3.3', 'R3.4', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'],
        silent: /ended by SIGTERM/,
      },
    ],
  },
]
