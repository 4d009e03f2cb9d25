/** Faults that multiplexers have, and how to recognise them from outside. */
import type { Cause, Failures, Sign } from '@switchyard/conformance/portable'

/** The most useful first: what spoils everything, then what loses data, then what lets a peer do what it likes. */
export const CAUSES: readonly Cause[] = [
  {
    id: 'header-is-dropped',
    title: 'It takes a chunk for a number of whole frames',
    looksLike:
      'A connection loses its place at the first header that two reads share: bytes of data are read as a header. With small messages on one machine nobody sees it.',
    toDo: 'Keep the part of a header that ends a chunk, and put the next chunk behind it.',
    clause: 'M1.2',
    signs: [[fails('M1.2-split-anywhere')]],
    explains: [{ clauses: ['M1.2', 'M2.2', 'M3.1', 'M3.2', 'M6.1', 'M6.2'] }],
  },
  {
    id: 'fin-before-its-data',
    title: "It handles a frame's flags before its data",
    looksLike:
      'The last frame of a stream is lost where its sender puts FIN on it, as it may. Peers that send FIN in a frame of its own never see it.',
    toDo: 'Hand over the data of a frame first, and end the stream behind it.',
    clause: 'M4.1',
    signs: [[fails('M4.1-fin-behind-data'), fails('M4.3-ids-are-free'), passes('M1.1-echo')]],
    explains: [{ clauses: ['M4.1', 'M4.3'] }],
  },
  {
    id: 'ends-without-a-word',
    title: 'It ends a connection without the go-away that says why',
    looksLike:
      'Whoever has a fault in its own frames sees a closed connection, and looks for it in the network. A go-away that is queued, and overtaken by the close, looks the same.',
    toDo: 'Send a go-away with code 1, and close the connection when it has gone out.',
    clause: 'M1.3',
    signs: [[fails('M1.3-unknown-version'), fails('M1.3-unknown-type'), fails('M3.3-beyond-the-window')]],
    explains: [{ clauses: ['M1.3', 'M2.3', 'M3.3'] }],
  },
  {
    id: 'no-credit',
    title: 'It grants no more than the first window',
    looksLike:
      'Each stream stops after 256 KiB. Requests are shorter than that, so it is found by the first large file.',
    toDo: 'Send a frame of type 1 for what was taken, at the latest when half of the window is used.',
    clause: 'M3.2',
    signs: [[fails('M3.2-credit-comes'), passes('M1.1-echo')]],
    explains: [{ clauses: ['M3.1', 'M3.2', 'M6.1'] }],
  },
  {
    id: 'sends-beyond-the-window',
    title: 'It sends more than it was granted',
    looksLike:
      'Peers that keep count end the connection, and with it every other stream, as soon as one of their readers is slow.',
    toDo: 'Take what is sent from the window, and wait for a frame of type 1 where nothing is left.',
    clause: 'M3.1',
    signs: [
      [
        { kind: 'fails', cases: ['M3.1-waits-for-credit'], unless: [{ codes: ['still'] }] },
        passes('M3.2-credit-comes'),
      ],
    ],
    explains: [{ clauses: ['M3.1', 'M6.1'] }],
  },
  {
    id: 'header-counts',
    title: "It takes a header's length from the window",
    looksLike:
      'A stream whose window is of 12 bytes or less stands still until more is granted, and a peer that grants what it needs waits for ever.',
    toDo: "Count data alone: a frame's header is of no window.",
    clause: 'M3.1',
    signs: [
      [{ kind: 'fails', cases: ['M3.1-waits-for-credit'], like: [{ codes: ['still'] }] }, passes('M3.2-credit-comes')],
    ],
    explains: [{ clauses: ['M3.1'] }],
  },
  {
    id: 'window-not-checked',
    title: 'It waits for data that it has not granted',
    looksLike: 'A peer that does not keep count fills the memory of the server, one stream after the other.',
    toDo: 'Compare the length in a header with what is left of the window, and end the connection with a go-away for more.',
    clause: 'M3.3',
    signs: [[fails('M3.3-beyond-the-window'), passes('M1.3-unknown-type')]],
    explains: [{ clauses: ['M3.3'] }],
  },
  {
    id: 'resets-ignored',
    title: 'A reset does nothing',
    looksLike:
      'Whoever gives up on a stream is sent its data all the same, and streams that were given up stay open until no more may be opened.',
    toDo: 'Forget a stream at its RST, with all that waits for it.',
    clause: 'M4.2',
    signs: [[fails('M4.2-reset')]],
    explains: [{ clauses: ['M4.2', 'M4.3'] }],
  },
  {
    id: 'ids-used-up',
    title: 'Streams that have ended are not forgotten',
    looksLike:
      'After streamsMax streams no more can be opened, though hardly any is open; memory grows with every one.',
    toDo: 'Forget a stream as soon as both ends have sent FIN.',
    clause: 'M4.3',
    signs: [[fails('M4.3-ids-are-free'), passes('M4.1-fin-behind-data'), passes('M4.2-reset')]],
    explains: [{ clauses: ['M4.3'] }],
  },
  {
    id: 'pings-answered-by-zero',
    title: 'It answers pings out of order, or with other numbers',
    looksLike:
      'Round trips are taken for shorter or longer than they are; a peer that compares numbers ends the connection.',
    toDo: 'Answer with the number of the ping, in the order in which they came.',
    clause: 'M5.1',
    signs: [[fails('M5.1-pings-in-order')]],
    explains: [{ clauses: ['M5.1', 'M6.2'] }],
  },
]

function fails(...cases: readonly string[]): Sign & Failures {
  return { kind: 'fails', cases }
}

function passes(id: string): Sign {
  return { kind: 'passes', case: id }
}
