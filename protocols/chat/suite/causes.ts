/** Faults that chat servers have: those of the tutorial's (docs/chapters/faults-that-nobody-saw.md), and how to recognise them from outside. */
import type { Cause, Failures, Sign } from '@switchyard/conformance/portable'

/** The most useful first: what spoils everything, then what spoils lines, names, rooms, commands, and members that lag. */
export const CAUSES: readonly Cause[] = [
  {
    id: 'room-deleted-under-a-joiner',
    title: 'It finds a room, and has deleted it before the member enters',
    looksLike:
      'A member changes rooms, and from then on nobody hears it and it hears nobody: it is in a room that no list has. With threads it takes ' +
      'two members at the same time, so that hardly anybody ever sees it.',
    toDo: 'Leave, delete what is empty and enter in one step, under one lock; look the new room up behind the deletion.',
    clause: 'C3.2',
    signs: [
      [
        { kind: 'passes', case: 'C3.1-greeting' },
        fails('C3.2-room-is-gone'),
        { kind: 'fails', cases: ['C3.3-room-and-no-other'], like: [{ codes: ['still'] }] },
      ],
    ],
    explains: [{ like: [{ codes: ['still'] }] }, { clauses: ['C3.2', 'C4.3'] }],
  },
  {
    id: 'listed-before-it-is-told',
    title: 'A member is in its room before the room is told that it joined',
    looksLike: 'Who joins is told of its own joining, and /users names somebody whom nobody has seen come.',
    toDo: 'Tell the room first and enter it then, in one step.',
    clause: 'C3.4',
    signs: [
      [
        fails('C3.1-greeting'),
        { kind: 'fails', cases: ['C3.4-join-told-in-both'], like: [{ codes: ['wrong-value'] }] },
      ],
    ],
    explains: [{ clauses: ['C2.2', 'C3.1', 'C3.2', 'C3.4', 'C3.5'] }],
  },
  {
    id: 'unfinished-line-said-at-fin',
    title: 'What stands behind the last newline is said when its sender leaves',
    looksLike:
      'Half a line of somebody whose connection broke is read by the whole room. Most libraries for lines do that at the end of a stream.',
    toDo: 'At FIN, throw away what has no newline.',
    clause: 'C1.1',
    signs: [[fails('C1.1-unfinished-line')]],
    explains: [{ clauses: ['C1.1', 'C3.7', 'C6.3'] }],
  },
  {
    id: 'control-characters-pass',
    title: 'Control characters reach the terminals of others',
    looksLike:
      'With an ESC a member clears the screens of the room, moves their cursors, or writes lines that look like those of others.',
    toDo: 'Drop U+0000 to U+001F but for TAB, and U+007F to U+009F, when a line is read.',
    clause: 'C1.5',
    signs: [[{ kind: 'fails', cases: ['C1.5-control-characters'], like: [{ received: 'more' }] }]],
    explains: [{ clauses: ['C1.5', 'C1.6', 'C1.7'] }],
  },
  {
    id: 'cr-counts',
    title: 'A character that is dropped counts as a byte of its line',
    looksLike:
      'A line of 400 bytes that ends with CRLF is too long, so what telnet sends is refused and what nc sends is not.',
    toDo: 'Count what is kept of a line, and not what came of it.',
    clause: 'C1.5',
    signs: [[fails('C1.5-not-counted')]],
    explains: [{ clauses: ['C1.3', 'C1.5', 'C1.7'] }],
  },
  {
    id: 'telnet-is-text',
    title: "It takes telnet's commands for text",
    looksLike: 'A telnet client that negotiates is cut off at its first option: 255 is no UTF-8.',
    toDo: 'Skip IAC (255) with its command, its option, or its subnegotiation, wherever it stands.',
    clause: 'C1.6',
    signs: [[fails('C1.6-telnet-skipped')]],
    explains: [{ clauses: ['C1.6'] }],
  },
  {
    id: 'old-name-never-free',
    title: '/name takes the new name and never frees the old one',
    looksLike: 'Each renaming takes a name for good: nobody can have it again, its owner neither.',
    toDo: 'Change who has a name and which names are taken in one step; better, keep one map and no second set.',
    clause: 'C2.3',
    signs: [[fails('C2.3-old-name-free')]],
    explains: [{ clauses: ['C2.3', 'C2.5'] }],
  },
  {
    id: 'old-names-of-the-gone',
    title: 'Who leaves frees only the name that it came with',
    looksLike: 'The name of somebody who was renamed and left stays taken.',
    toDo: 'When a connection ends, free the name that the member has now: look it up, and keep no copy from the beginning.',
    clause: 'C2.5',
    signs: [[{ kind: 'passes', case: 'C2.3-old-name-free' }, fails('C2.5-renamed-and-gone')]],
    explains: [{ clauses: ['C2.5'] }],
  },
  {
    id: 'room-outlives-its-members',
    title: 'Rooms stay behind when nobody is in them',
    looksLike: '/rooms lists rooms of nobody, and memory grows by one for each name that anybody ever joined.',
    toDo: 'Decide whether a room is empty behind the removal of the member, in the same step.',
    clause: 'C3.2',
    signs: [[{ kind: 'passes', case: 'C4.3-rooms-by-count' }, fails('C3.2-room-is-gone')]],
    explains: [{ clauses: ['C3.2', 'C4.3'] }],
  },
  {
    id: 'commands-are-prefixes',
    title: 'It takes the beginning of a word for a command',
    looksLike: '/helpme helps, and a new command changes what old words do.',
    toDo: 'Cut the first word off at a blank and compare all of it.',
    clause: 'C4.2',
    signs: [[{ kind: 'passes', case: 'C4.1-help' }, fails('C4.2-unknown-command')]],
    explains: [{ clauses: ['C4.2'] }],
  },
  {
    id: 'deaf-to-who-lags',
    title: 'It does not hear a member that does not read',
    looksLike:
      'One task reads and writes for a client, so a write that waits stops its input: what it says comes when it reads again, or never.',
    toDo: 'Read and write in two tasks, or never wait with a write in the loop that reads.',
    clause: 'C5.4',
    signs: [[fails('C5.4-still-heard')]],
    explains: [{ clauses: ['C5.4'] }],
    stall: true,
  },
]

function fails(...cases: readonly string[]): Sign & Failures {
  return { kind: 'fails', cases }
}
