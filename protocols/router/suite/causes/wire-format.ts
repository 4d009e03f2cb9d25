/** Faults in reading and writing: most of them spoil every case, so they come first. */
import type { Cause, Failures, Sign } from '@switchyard/conformance/portable'
import { DIFFERS, EXITED, LET_IN, NOT_ENDED, NOTHING_CAME, SIGTERM } from './likes.ts'

/** All but what says that limits or an orderly end are missing: no mending of messages brings those. */
const EVERYTHING: readonly Failures[] = [
  { unless: [SIGTERM, LET_IN, NOT_ENDED, { codes: ['let-in-late', 'not-aborted', 'strangers-wait'] }] },
]
/** The simplest case of all: one short message to each. */
const SIMPLEST = 'R1.1-id-as-it-was-read'
const WORKS: Sign = { kind: 'passes', case: SIMPLEST }
const HUNDREDS = 'R1.5-hundreds-in-a-segment'

export const WIRE_FORMAT_CAUSES: readonly Cause[] = [
  {
    id: 'ends-at-disconnect',
    title: 'After one client has left, nobody is served',
    looksLike:
      'The first client is served. When it leaves, the server ends with it, or goes on without accepting anybody: the end ' +
      'of one connection is taken for the end of all.',
    toDo:
      'Where a read returns nothing, or fails, leave the loop of this one connection and no other: in Python `return` from its ' +
      'handler and not from the server, in C `close(fd)` and `continue`, never `exit`.',
    clause: 'R4.2',
    signs: [
      [{ kind: 'found', finding: 'nobody-after-leaving' }],
      [{ kind: 'fails', cases: [SIMPLEST], like: [{ codes: ['ended-behind'] }] }],
    ],
    explains: [{ like: [EXITED, { codes: ['ended-behind', 'not-admitted'] }, { awaits: 'admission' }] }],
    apart: true,
  },
  {
    id: 'one-client-at-a-time',
    title: 'It serves one client at a time',
    looksLike: 'A second client gets no id for as long as the first one stays.',
    toDo:
      'Accept the next client before this one has left: a thread or a task for each connection, or one loop that waits for all ' +
      'of them at once (select, epoll, asyncio).',
    clause: 'R1.2',
    signs: [[{ kind: 'found', finding: 'second-client-not-let-in' }, { kind: 'fails' }]],
    explains: EVERYTHING,
    stall: true,
  },
  {
    id: 'silent-client-blocks',
    title: 'A client that says nothing stops the others',
    looksLike:
      'One client alone is served well. As soon as another is connected and sends nothing, messages of the first stand still: ' +
      'the server waits for the silent one to send, and holds meanwhile what all of them need.',
    toDo:
      'Read without the lock: take it when a whole message is there, and give it back before the next read. In one loop, read ' +
      'only from sockets that are ready (select, epoll), and never wait for the rest of a message.',
    clause: 'R3.1',
    signs: [[{ kind: 'found', finding: 'silent-client-blocks' }, { kind: 'fails' }]],
    explains: EVERYTHING,
    apart: true,
    stall: true,
  },
  {
    id: 'dies-at-first-message',
    title: 'It dies at the first message',
    looksLike: 'The process ends while it handles an ordinary message. Its last words stand below.',
    toDo: 'Run it by hand, send it one message, and read the error. Nothing else can be judged before.',
    clause: 'R3.1',
    signs: [[{ kind: 'fails', cases: [SIMPLEST], like: [EXITED], unless: [{ codes: ['ended-behind'] }] }]],
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
        { kind: 'fails', cases: [SIMPLEST] },
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
    title: 'Two clients that connect at the same moment get the same id',
    looksLike: 'Clients that connect at the same moment are given one id: the count is read and raised in two steps.',
    toDo: 'Give ids in one step, before anything is awaited; with threads, under a lock.',
    clause: 'R2.1',
    signs: [
      [
        { kind: 'fails', cases: ['R2.1-different-ids-at-one-moment'], like: [{ codes: ['not-unique'] }] },
        { kind: 'passes', case: 'R2.1-different-ids' },
      ],
    ],
    explains: [{ clauses: ['R2.1', 'R3.1'], unless: [LET_IN] }],
  },
  {
    id: 'ids-repeat',
    title: 'Two clients get the same id',
    looksLike:
      'Clients that connect one after the other are given one id: it is cut to a byte, perhaps, or made from the time.',
    toDo: 'Count upwards in one variable of 32 bits, and never back.',
    clause: 'R2.1',
    signs: [[{ kind: 'fails', clauses: ['R2.1'], like: [{ codes: ['not-unique'] }] }]],
    explains: [{ clauses: ['R2.1', 'R3.1'], unless: [LET_IN] }],
  },
  {
    id: 'unguarded-table',
    title: 'Its table of clients changes while it is looked into',
    looksLike:
      'A client that comes or goes at the same moment spoils a message between two others: its sender is cut off, or the whole ' +
      'server ends. A dictionary that several threads use is not guarded.',
    toDo:
      'Guard the table with one lock, for looking up as for changing; take the socket out of it under the lock, and write ' +
      'without. Never iterate over it while others may change it.',
    clause: 'R3.1',
    signs: [
      [
        {
          kind: 'last-words',
          says: /dictionary (changed size|keys changed) during iteration|concurrent map|ConcurrentModificationException/,
        },
      ],
    ],
    explains: [
      { like: [EXITED, { codes: ['still', 'ended', 'wrong-order', 'sent-too-few'] }], unless: [SIGTERM, NOT_ENDED] },
    ],
  },
  {
    id: 'broadcasts',
    title: 'Messages reach clients that they do not name',
    looksLike: 'A client receives what was sent to another: the message goes to everybody, or to the wrong one.',
    toDo: 'Look up the one client that has this id, and write to no other.',
    clause: 'R3.1',
    signs: [[{ kind: 'fails', cases: ['R3.1-named-and-no-other'], like: [{ ...DIFFERS, at: 'later' }] }]],
    explains: [{ clauses: ['R3.1', 'R1.1', 'R1.2', 'R1.5', 'R2.1', 'R3.6', 'R3.7', 'R4.1', 'R4.2'] }],
  },
  {
    id: 'ignores-self',
    title: 'A client can not send to itself',
    looksLike: 'A message to one’s own id is swallowed.',
    toDo: 'Make no exception for the sender: its id is an id like others.',
    clause: 'R3.6',
    signs: [
      [
        { kind: 'fails', cases: ['R3.6-to-itself'] },
        { kind: 'passes', case: 'R1.3-empty-body' },
      ],
    ],
    explains: [{ clauses: ['R3.1', 'R1.1', 'R1.2', 'R1.5', 'R2.1', 'R3.6', 'R3.7', 'R4.1', 'R4.2'] }],
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
        { kind: 'fails', cases: [SIMPLEST], like: [NOTHING_CAME] },
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
    signs: [[{ kind: 'fails', cases: [SIMPLEST], like: [{ awaits: 'message', untaken: 'something' }] }]],
    explains: EVERYTHING,
  },
  {
    id: 'forwards-id',
    title: 'It sends something before the body, most likely the id',
    looksLike: 'The first byte that a receiver gets is not the first byte of the body.',
    toDo: "Cut the destination's four bytes off before you forward: the receiver gets the body and its NUL alone.",
    clause: 'R1.4',
    signs: [[{ kind: 'fails', cases: [SIMPLEST], like: [{ ...DIFFERS, at: 'first', received: 'nothing' }] }]],
    explains: EVERYTHING,
  },
  {
    id: 'adds-bytes',
    title: 'It sends something behind the NUL',
    looksLike: 'The first message arrives; the next one begins with a byte that nobody sent, a line break perhaps.',
    toDo: 'Forward the body and its NUL, and not a byte more. print and println add one.',
    clause: 'R1.4',
    signs: [[{ kind: 'fails', cases: [SIMPLEST], like: [{ ...DIFFERS, at: 'first' }] }]],
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
        { kind: 'fails', cases: [SIMPLEST], like: [NOTHING_CAME] },
        { kind: 'found', finding: 'nothing-arrives' },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'buffer-without-loop',
    title: 'It takes one message from each read, though it keeps a buffer',
    looksLike:
      'A message that comes in pieces is put together. Of several in one segment the first is routed; the others wait for the ' +
      'next read, or are lost: `if` stands where `while` should.',
    toDo: 'Behind each read, take out messages in a loop for as long as there is a NUL in the buffer; leave the rest in it.',
    clause: 'R1.5',
    signs: [
      [
        WORKS,
        { kind: 'fails', cases: [HUNDREDS], like: [NOTHING_CAME], unless: [EXITED] },
        { kind: 'passes', case: 'R1.5-byte-by-byte' },
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
        { kind: 'fails', cases: [HUNDREDS], unless: [EXITED] },
        { kind: 'fails', cases: ['R1.5-cut-at-a-segment', 'R1.5-byte-by-byte'], unless: [EXITED] },
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
      [
        WORKS,
        { kind: 'passes', case: 'R1.5-hundreds-in-a-segment' },
        { kind: 'fails', cases: ['R1.5-cut-at-a-segment'] },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'forwards-early',
    title: 'It forwards a message before its NUL has come',
    looksLike: 'Parts of an unfinished message arrive, and another client’s message gets between them.',
    toDo: 'Hold a message back until its NUL has been read; then send it in one go.',
    clause: 'R3.5',
    signs: [[{ kind: 'fails', cases: ['R3.5-nothing-before-the-nul'], like: [{ ...DIFFERS, received: 'more' }] }]],
    explains: [{ clauses: ['R3.5', 'R3.3', 'R1.5', 'R4.1', 'R4.2', 'R5.1', 'R3.7'] }],
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
        { kind: 'fails', cases: ['R1.5-unfinished-of-each'] },
        { kind: 'passes', case: 'R1.5-cut-at-a-segment' },
      ],
    ],
    explains: EVERYTHING,
  },
  {
    id: 'bodies-as-text',
    title: 'Bodies or ids pass through a text encoding',
    looksLike:
      'Letters arrive as they were sent; other bytes are changed, or end the connection. Where one byte becomes two, the first ' +
      'of them c2 or c3, Latin-1 was read and UTF-8 written; ef bf bd is what UTF-8 puts where it can not read.',
    toDo: 'Do not decode: pass bytes on as bytes (in Python bytes, not str; in Node a Buffer, not a string).',
    clause: 'R1.3',
    signs: [
      [WORKS, { kind: 'fails', cases: ['R1.3-every-byte'] }, { kind: 'passes', case: 'R1.5-hundreds-in-a-segment' }],
    ],
    explains: [
      {
        clauses: ['R1.3', 'R3.2', 'R3.3', 'R3.4', 'R3.6', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.6'],
        unless: [SIGTERM],
      },
    ],
  },
  {
    id: 'loses-short-writes',
    title: 'What one write does not take is lost',
    looksLike:
      'While the receiver reads, everything arrives. When it reads slowly, a message breaks off in the middle and the next one ' +
      'follows at once: a write took a part of it, and the rest was forgotten.',
    toDo:
      'write() and send() return how many bytes they took. Keep the rest in a queue for this client, and go on with it when its ' +
      'socket is writable again, before anything else is written to it.',
    clause: 'R3.4',
    signs: [
      [
        WORKS,
        { kind: 'passes', case: 'R1.3-every-byte' },
        { kind: 'passes', case: HUNDREDS },
        {
          kind: 'fails',
          cases: ['R3.4-slow-reader', 'R4.1-megabytes-before-fin'],
          like: [{ ...DIFFERS, at: 'later' }],
        },
      ],
    ],
    explains: [
      {
        clauses: [
          'R1.3',
          'R1.5',
          'R3.2',
          'R3.3',
          'R3.4',
          'R3.5',
          'R3.6',
          'R3.7',
          'R4.1',
          'R4.2',
          'R4.3',
          'R5.1',
          'R5.3',
          'R5.6',
        ],
        like: [DIFFERS, { codes: ['wrong-order', 'still', 'ended', 'endless'] }],
        unless: [NOT_ENDED],
      },
    ],
    apart: true,
  },
  {
    id: 'ignores-empty-bodies',
    title: 'It does not forward empty messages',
    looksLike: 'A message of no more than an id and a NUL is swallowed.',
    toDo: 'An empty body is a body: forward its NUL.',
    clause: 'R1.3',
    signs: [[WORKS, { kind: 'fails', cases: ['R1.3-empty-body'] }]],
    explains: [{ clauses: ['R1.3', 'R1.4', 'R1.5'] }],
  },
  {
    id: 'long-messages',
    title: 'It can not carry long messages',
    looksLike:
      'Short messages arrive; long ones are cut, lost, or end the connection: a buffer of fixed size, or a reader with ' +
      "a limit of its own (asyncio's readuntil stops at 64 KiB unless told otherwise).",
    toDo: 'Allow up to 1 MiB for body and NUL (R5.1), in however many reads they come.',
    clause: 'R1.3',
    signs: [[WORKS, { kind: 'fails', cases: ['R1.3-a-million-bytes'], unless: [EXITED] }]],
    explains: [
      {
        clauses: ['R1.3', 'R3.2', 'R3.3', 'R3.4', 'R3.5', 'R3.7', 'R4.1', 'R4.2', 'R4.3', 'R5.1', 'R5.3', 'R5.6'],
        unless: [SIGTERM],
      },
    ],
  },
]
