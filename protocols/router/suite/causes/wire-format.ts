/** Faults in reading and writing: most of them spoil every case, so they come first. */
import type { Cause, Explained, Sign } from '@switchyard/conformance/portable'

/** All but what says that limits or an orderly end are missing: no mending of messages brings those. */
const EVERYTHING: readonly Explained[] = [
  {
    kind: 'saying',
    says: /./,
    silent: /ended by SIGTERM|were let in|got an id|(culprit|large) awaits the end|was not aborted/,
  },
]
/** The simplest case of all: one short message to each. */
const SIMPLEST = 'R1.1-id-as-it-was-read'
const WORKS: Sign = { kind: 'passes', case: SIMPLEST }
const ENDED = /the process (ended|was ended)/
/** A receiver that waits, and to which nothing has come. */
const NOTHING_CAME = /awaits a message; \d+ bytes came, not taken: \(nothing\)/

export const WIRE_FORMAT_CAUSES: readonly Cause[] = [
  {
    id: 'dies-at-first-message',
    title: 'It dies at the first message',
    looksLike: 'The process ends while it handles an ordinary message. Its last words stand below.',
    toDo: 'Run it by hand, send it one message, and read the error. Nothing else can be judged before.',
    clause: 'R3.1',
    signs: [[{ kind: 'fails', case: SIMPLEST, says: ENDED }]],
    explains: EVERYTHING,
  },
  {
    id: 'writes-little-endian',
    title: 'It writes ids little-endian',
    looksLike:
      'The ids that it sends are small numbers with their bytes reversed (01 00 00 00), and it reads them in the other ' +
      'order: nobody can be reached by the id that was sent.',
    toDo:
      "Write and read ids big-endian, the network's byte order: struct.pack('>I', id), writeUInt32BE, htonl. Hosts are " +
      'mostly little-endian, so copying an integer as it lies in memory is wrong.',
    clause: 'R1.1',
    signs: [
      [
        { kind: 'fails', case: SIMPLEST },
        { kind: 'found', finding: 'ids-look-little-endian' },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'little-endian-all-over',
    title: 'Its ids look little-endian',
    looksLike:
      'The ids that it sends are small numbers with their bytes reversed (01 00 00 00), and it reads them in the same ' +
      'order. No case can prove it, since ids are opaque to clients; a client that prints them will see 16777216.',
    toDo: "Write and read ids big-endian, the network's byte order: struct.pack('>I', id), writeUInt32BE, htonl.",
    clause: 'R1.1',
    signs: [[WORKS, { kind: 'found', finding: 'ids-look-little-endian' }]],
    explains: [],
    suspicion: true,
  },
  {
    id: 'ids-collide',
    title: 'Two clients get the same id',
    looksLike: 'Clients that connect at the same moment are given one id: the count is read and raised in two steps.',
    toDo: 'Give ids in one step, before anything is awaited; with threads, under a lock.',
    clause: 'R2.1',
    signs: [[{ kind: 'some-fail', clause: 'R2.1', says: /^different ids/ }]],
    explains: [{ kind: 'clauses', clauses: ['R2.1', 'R3.1'] }],
  },
  {
    id: 'broadcasts',
    title: 'Messages reach clients that they do not name',
    looksLike: 'A client receives what was sent to another: the message goes to everybody, or to the wrong one.',
    toDo: 'Look up the one client that has this id, and write to no other.',
    clause: 'R3.1',
    signs: [[{ kind: 'fails', case: 'R3.1-named-and-no-other', says: /they differ at byte [1-9]/ }]],
    explains: [{ kind: 'clauses', clauses: ['R3.1', 'R1.1', 'R1.2', 'R1.5', 'R2.1', 'R3.6', 'R3.7', 'R4.1', 'R4.2'] }],
  },
  {
    id: 'ignores-self',
    title: 'A client can not send to itself',
    looksLike: 'A message to one’s own id is swallowed.',
    toDo: 'Make no exception for the sender: its id is an id like others.',
    clause: 'R3.6',
    signs: [
      [
        { kind: 'fails', case: 'R3.6-to-itself' },
        { kind: 'passes', case: 'R1.3-empty-body' },
      ],
    ],
    explains: [{ kind: 'clauses', clauses: ['R3.1', 'R1.1', 'R1.2', 'R1.5', 'R2.1', 'R3.6', 'R3.7', 'R4.1', 'R4.2'] }],
  },
  {
    id: 'reads-little-endian',
    title: 'It reads ids little-endian',
    looksLike:
      'A message to the id that it gave reaches nobody; one to the same four bytes in reverse order arrives. It writes ' +
      'ids in one byte order and reads them in the other.',
    toDo: "Read ids big-endian, the network's byte order: struct.unpack('>I', data), readUInt32BE, ntohl.",
    clause: 'R1.1',
    signs: [
      [
        { kind: 'fails', case: SIMPLEST, says: NOTHING_CAME },
        { kind: 'found', finding: 'swapped-id-reaches' },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'forgets-nul',
    title: 'It forgets the NUL at the end of what it forwards',
    looksLike:
      'Bodies arrive without the NUL behind them. The receiver waits for the end of its first message for ever, and ' +
      'two messages in a row run together.',
    toDo: 'Forward the NUL with the body: it is how the receiver knows where a message ends.',
    clause: 'R1.4',
    signs: [[{ kind: 'fails', case: SIMPLEST, says: /awaits a message; \d+ bytes came, not taken: [0-9a-f]{2} / }]],
    explains: EVERYTHING,
  },
  {
    id: 'forwards-id',
    title: 'It sends something before the body, most likely the id',
    looksLike: 'The first byte that a receiver gets is not the first byte of the body.',
    toDo: "Cut the destination's four bytes off before you forward: the receiver gets the body and its NUL alone.",
    clause: 'R1.4',
    signs: [[{ kind: 'fails', case: SIMPLEST, says: /received 0; they differ at byte 0\n/ }]],
    explains: EVERYTHING,
  },
  {
    id: 'adds-bytes',
    title: 'It sends something behind the NUL',
    looksLike: 'The first message arrives; the next one begins with a byte that nobody sent, a line break perhaps.',
    toDo: 'Forward the body and its NUL, and not a byte more. print and println add one.',
    clause: 'R1.4',
    signs: [[{ kind: 'fails', case: SIMPLEST, says: /they differ at byte 0\n/ }]],
    explains: EVERYTHING,
  },
  {
    id: 'nothing-arrives',
    title: 'No message arrives',
    looksLike:
      'Clients get their ids, and then nothing comes. Not even the shortest message to a connected client does.',
    toDo:
      'Look for these, in this order: the NUL is searched for from byte 0, and found inside the id (00 00 00 01), so ' +
      'search from byte 4; the id is read in another byte order than it was written (R1.1: big-endian both ways); the ' +
      'table of clients is keyed by something else than this number.',
    clause: 'R3.1',
    signs: [
      [
        { kind: 'fails', case: SIMPLEST, says: NOTHING_CAME },
        { kind: 'fails', case: 'R1.3-empty-body', says: NOTHING_CAME },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'one-message-per-read',
    title: 'It takes each read for one message',
    looksLike:
      'One message at a time works. Several in one segment, or one in several, go wrong: lost, glued together or sent ' +
      'to the wrong client. TCP is a stream of bytes; one read returns any part of it.',
    toDo:
      'Keep a buffer for each client. Append what each read returns; then, in a loop, take out every whole message (4 ' +
      'bytes of id, then up to the first NUL from byte 4 on); leave the rest for the next read.',
    clause: 'R1.5',
    signs: [
      [
        WORKS,
        { kind: 'fails', case: 'R1.5-hundreds-in-a-segment', silent: ENDED },
        { kind: 'fails', case: 'R1.5-cut-at-a-segment', silent: ENDED },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'loses-cut-messages',
    title: 'It loses a message that comes in pieces',
    looksLike: 'Messages that come whole are routed, however many at once. One that two reads share is lost or cut.',
    toDo: 'Keep what is left of a read when no NUL is left in it, and put the next read behind it.',
    clause: 'R1.5',
    signs: [
      [WORKS, { kind: 'passes', case: 'R1.5-hundreds-in-a-segment' }, { kind: 'fails', case: 'R1.5-cut-at-a-segment' }],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'forwards-early',
    title: 'It forwards a message before its NUL has come',
    looksLike: 'Parts of an unfinished message arrive, and another client’s message gets between them.',
    toDo: 'Hold a message back until its NUL has been read; then send it in one go.',
    clause: 'R3.5',
    signs: [[{ kind: 'fails', case: 'R3.5-nothing-before-the-nul', says: /held backprobe/ }]],
    explains: [{ kind: 'clauses', clauses: ['R3.5', 'R3.3', 'R1.5', 'R4.1', 'R4.2', 'R5.1', 'R3.7'] }],
  },
  {
    id: 'one-buffer-for-all',
    title: 'All clients share one buffer for unfinished messages',
    looksLike:
      'A message in pieces is routed as long as nobody else sends meanwhile; otherwise bytes of two clients mix.',
    toDo: 'Give each connection a buffer of its own.',
    clause: 'R1.5',
    signs: [
      [
        { kind: 'fails', case: 'R1.5-unfinished-of-each' },
        { kind: 'passes', case: 'R1.5-cut-at-a-segment' },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'bodies-as-text',
    title: 'It treats bodies as text',
    looksLike: 'Letters arrive as they were sent; other bytes are changed, or end the connection.',
    toDo: 'Do not decode: pass bytes on as bytes (in Python bytes, not str; in Node a Buffer, not a string).',
    clause: 'R1.3',
    signs: [
      [WORKS, { kind: 'fails', case: 'R1.3-every-byte' }, { kind: 'passes', case: 'R1.5-hundreds-in-a-segment' }],
    ],
    explains: [
      {
        kind: 'clauses',
        clauses: ['R1.3', 'R3.2', 'R3.3', 'R3.4', 'R3.6', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'],
        silent: /ended by SIGTERM/,
      },
    ],
  },
  {
    id: 'ignores-empty-bodies',
    title: 'It does not forward empty messages',
    looksLike: 'A message of no more than an id and a NUL is swallowed.',
    toDo: 'An empty body is a body: forward its NUL.',
    clause: 'R1.3',
    signs: [[WORKS, { kind: 'fails', case: 'R1.3-empty-body' }]],
    explains: [{ kind: 'clauses', clauses: ['R1.3', 'R1.4', 'R1.5'] }],
  },
  {
    id: 'long-messages',
    title: 'It can not carry long messages',
    looksLike:
      'Short messages arrive; long ones are cut, lost, or end the connection: a buffer of fixed size, or a reader with ' +
      "a limit of its own (asyncio's readuntil stops at 64 KiB unless told otherwise).",
    toDo: 'Allow up to 1 MiB for body and NUL (R5.1), in however many reads they come.',
    clause: 'R1.3',
    signs: [[WORKS, { kind: 'fails', case: 'R1.3-a-million-bytes', silent: ENDED }]],
    explains: [
      {
        kind: 'clauses',
        clauses: ['R1.3', 'R3.2', 'R3.3', 'R3.4', 'R3.5', 'R3.7', 'R4.1', 'R4.2', 'R4.3', 'R5.1', 'R5.3', 'R5.6'],
        silent: /ended by SIGTERM/,
      },
    ],
  },
]
