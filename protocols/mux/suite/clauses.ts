import type { Clause } from '@switchyard/conformance/portable'

/** The clauses of docs/protocols/mux.md, in its order and its words, without markup. */
export const CLAUSES: readonly Clause[] = [
  server(
    'M1.1',
    '1 Frames',
    'A frame is a header of 12 bytes (version 0, type, flags of 2 bytes, stream id of 4, length of 4; most significant byte first), and behind a header of type 0 as many bytes as its length says.',
  ),
  server(
    'M1.2',
    '1 Frames',
    'TCP segmentation carries no meaning: a frame that is split at any byte is handled like a whole one.',
  ),
  server(
    'M1.3',
    '1 Frames',
    'A version other than 0, or a type above 3, is answered by a go-away with code 1, and the end of the connection.',
  ),
  server(
    'M2.1',
    '2 Streams',
    'A stream is opened by the flag SYN (1) on a frame of type 0 or 1, with an odd id by the end that opened the connection, and with an even id by the other; the answer has ACK (2).',
  ),
  server(
    'M2.2',
    '2 Streams',
    'What a stream brings is delivered whole, once, and in order, whatever the other streams do.',
  ),
  server(
    'M2.3',
    '2 Streams',
    'SYN for a stream that is open, with an id of the wrong parity, or data for stream 0: a go-away with code 1, and the end of the connection.',
  ),
  server(
    'M2.4',
    '2 Streams',
    'Beyond streamsMax (default 1,024) open streams, the next one is reset; those that are open go on.',
  ),
  server(
    'M3.1',
    '3 Windows',
    'Each end may send 262,144 bytes of data in a stream, and as many more as frames of type 1 have granted.',
  ),
  server('M3.2', '3 Windows', 'Credit is granted for what was taken: a peer that goes on reading can send for ever.'),
  server(
    'M3.3',
    '3 Windows',
    'Data beyond the window is answered by a go-away with code 1, and the end of the connection.',
  ),
  server(
    'M4.1',
    '4 Ends of streams',
    'FIN (4) ends one direction of a stream, behind its data: the other direction goes on.',
  ),
  server('M4.2', '4 Ends of streams', 'RST (8) ends a stream at once, and nothing more is sent in it.'),
  server('M4.3', '4 Ends of streams', 'An id is free again when both ends have sent FIN, or one has sent RST.'),
  server(
    'M5.1',
    '5 The connection',
    'A ping (type 2, SYN) is answered by ACK with the same number, each once and in order.',
  ),
  server(
    'M5.2',
    '5 The connection',
    'The server pings each keepaliveMs (default 30,000; 0 is never). A peer that does not answer within answerMs (default 10,000), or within keepaliveMs if that is less, is ended.',
  ),
  server('M5.3', '5 The connection', 'At a shutdown the server sends a go-away with code 0 before its FIN.'),
  server('M6.1', '6 Peers that stop reading', 'A stream whose reader has stopped holds no other stream back.'),
  server(
    'M6.2',
    '6 Peers that stop reading',
    'A peer that sends pings and does not read is not read from: what is held for it is bounded, and every ping is answered once it reads.',
  ),
]

function server(id: string, section: string, sentence: string): Clause {
  return { id, section, sentences: [sentence], binds: 'server' }
}
