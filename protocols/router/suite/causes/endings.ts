/** Faults in parting with clients. */
import type { Cause } from '@switchyard/conformance/portable'
import { AWAITS_END, DIFFERS, LET_IN, NOT_ENDED, OUT_OF_ORDER, SIGTERM } from './likes.ts'

const NO_PLACE = { codes: ['no-place', 'not-admitted'] } as const
const FIN = 'R4.1-complete-before-fin'

export const ENDING_CAUSES: readonly Cause[] = [
  {
    id: 'spins-after-fin',
    title: 'It spins after a client has left',
    looksLike:
      'A client has sent FIN, and the process takes a whole processor from then on: a read that returns nothing is tried ' +
      'again at once, for ever.',
    toDo:
      'A read of 0 bytes is the end of the stream, not "nothing yet": leave the loop, take the client out of the table, and ' +
      'close the socket.',
    clause: 'R4.1',
    signs: [[{ kind: 'found', finding: 'spins-after-fin' }]],
    explains: [
      { clauses: ['R2.1', 'R4.1', 'R4.2'], unless: [LET_IN] },
      { like: [AWAITS_END, { codes: ['no-place'] }], unless: [NOT_ENDED] },
    ],
    apart: true,
    suspicion: true,
  },
  {
    id: 'never-frees-clients',
    title: 'It never frees a client that has disconnected',
    looksLike:
      'A client has sent FIN, and the server does not close its side, or keeps its place. Each client that comes and ' +
      'goes costs a socket and an entry for ever, until no more can be had.',
    toDo:
      'When a read returns nothing (0 bytes, "end"), take the client out of the table at once, send what is still ' +
      'queued for it, close the socket; do the same on every error.',
    clause: 'R4.1',
    signs: [
      [{ kind: 'fails', cases: [FIN, 'R2.1-not-given-again'], like: [AWAITS_END] }],
      [{ kind: 'fails', cases: ['R5.2-place-free-again'], like: [NO_PLACE] }],
    ],
    explains: [
      { clauses: ['R2.1', 'R4.1', 'R4.2'], unless: [LET_IN] },
      { like: [AWAITS_END, { codes: ['no-place'] }], unless: [NOT_ENDED] },
    ],
    apart: true,
  },
  {
    id: 'fails-for-departed',
    title: 'Writing to a client that has left ends the one that writes',
    looksLike: 'An error of one connection is raised in the handler of another, which ends with it.',
    toDo: 'An error of a write belongs to the destination: end that one, and go on with the sender.',
    clause: 'R4.2',
    signs: [
      [{ kind: 'fails', cases: ['R4.1-departed-dropped'], like: [{ codes: ['ended'] }] }],
      [
        {
          kind: 'fails',
          cases: ['R4.2-destination-resets'],
          like: [{ codes: ['ended', 'sent-too-few', 'still'] }],
        },
      ],
    ],
    explains: [{ clauses: ['R4.1', 'R4.2'], unless: [SIGTERM] }],
  },
  {
    id: 'forwards-what-was-cut',
    title: 'It forwards an unfinished message when its sender leaves',
    looksLike: 'What had come of a message is delivered as if it were whole.',
    toDo: 'Throw away what has no NUL when a connection ends.',
    clause: 'R4.1',
    signs: [[{ kind: 'fails', cases: [FIN, 'R4.2-reset-in-a-message'], like: [DIFFERS] }]],
    explains: [{ clauses: ['R4.1', 'R4.2'] }],
  },
  {
    id: 'half-close',
    title: 'It throws away what was sent before a FIN, or queued for the one who sent it',
    looksLike:
      'A client that sends and closes at once loses messages: its socket is destroyed at its FIN with bytes unread or ' +
      'unsent.',
    toDo:
      'A FIN ends one direction. Route all that came before it; send what is queued for this client; then send your own ' +
      'FIN, and only destroy the socket when the other side has closed (R5.5).',
    clause: 'R4.1',
    signs: [
      [
        {
          kind: 'fails',
          clauses: ['R4.1'],
          like: [OUT_OF_ORDER, DIFFERS, { codes: ['wrong-ending', 'ended', 'sent-too-few'] }],
        },
      ],
    ],
    explains: [{ clauses: ['R4.1', 'R4.3'], unless: [SIGTERM] }],
  },
  {
    id: 'resets-hurt-others',
    title: 'A reset of one client hurts others',
    looksLike: 'One connection breaks off, and messages of others are lost, cut or held up.',
    toDo: 'Handle the error where it happens: free what was held for this client, and wake who waits for it.',
    clause: 'R4.2',
    signs: [[{ kind: 'fails', clauses: ['R4.2'] }]],
    explains: [{ clauses: ['R4.2'] }],
  },
]
