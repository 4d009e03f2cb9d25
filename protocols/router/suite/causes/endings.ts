/** Faults in parting with clients. */
import type { Cause } from '@switchyard/conformance/portable'

const AWAITS_END = /awaits the end/

export const ENDING_CAUSES: readonly Cause[] = [
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
      [{ kind: 'fails', case: 'R4.1-complete-before-fin', says: AWAITS_END }],
      [{ kind: 'fails', case: 'R2.1-not-given-again', says: AWAITS_END }],
      [
        {
          kind: 'fails',
          case: 'R5.2-place-free-again',
          says: /nobody has been let in|without sending its id/,
        },
      ],
    ],
    explains: [
      { kind: 'clauses', clauses: ['R2.1', 'R4.1', 'R4.2'], silent: /were let in/ },
      { kind: 'saying', says: /awaits the end|nobody has been let in/, silent: /culprit awaits|large awaits/ },
    ],
  },
  {
    id: 'fails-for-departed',
    title: 'Writing to a client that has left ends the one that writes',
    looksLike: 'An error of one connection is raised in the handler of another, which ends with it.',
    toDo: 'An error of a write belongs to the destination: end that one, and go on with the sender.',
    clause: 'R4.2',
    signs: [
      [
        {
          kind: 'fails',
          case: 'R4.1-departed-dropped',
          says: /the connection ended|left to send/,
        },
      ],
      [
        {
          kind: 'fails',
          case: 'R4.2-destination-resets',
          says: /the connection ended|left to send|could send|nothing has moved/,
        },
      ],
    ],
    explains: [{ kind: 'clauses', clauses: ['R4.1', 'R4.2'], silent: /ended by SIGTERM/ }],
  },
  {
    id: 'forwards-what-was-cut',
    title: 'It forwards an unfinished message when its sender leaves',
    looksLike: 'What had come of a message is delivered as if it were whole.',
    toDo: 'Throw away what has no NUL when a connection ends.',
    clause: 'R4.1',
    signs: [
      [{ kind: 'fails', case: 'R4.1-complete-before-fin', says: /they differ/ }],
      [{ kind: 'fails', case: 'R4.2-reset-in-a-message', says: /they differ/ }],
    ],
    explains: [{ kind: 'clauses', clauses: ['R4.1', 'R4.2'] }],
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
    signs: [[{ kind: 'some-fail', clause: 'R4.1', says: /reset|missing|connection ended|they differ|could send/ }]],
    explains: [{ kind: 'clauses', clauses: ['R4.1', 'R4.3'] }],
  },
  {
    id: 'resets-hurt-others',
    title: 'A reset of one client hurts others',
    looksLike: 'One connection breaks off, and messages of others are lost, cut or held up.',
    toDo: 'Handle the error where it happens: free what was held for this client, and wake who waits for it.',
    clause: 'R4.2',
    signs: [[{ kind: 'some-fail', clause: 'R4.2', says: /./ }]],
    explains: [{ kind: 'clauses', clauses: ['R4.2'] }],
  },
]
