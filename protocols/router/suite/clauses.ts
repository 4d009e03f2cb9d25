import type { Clause } from '@switchyard/conformance/portable'

export type ClauseId =
  | 'R1.1'
  | 'R1.2'
  | 'R1.3'
  | 'R1.4'
  | 'R1.5'
  | 'R2.1'
  | 'R2.2'
  | 'R3.1'
  | 'R3.2'
  | 'R3.3'
  | 'R3.4'
  | 'R3.5'
  | 'R3.6'
  | 'R3.7'
  | 'R4.1'
  | 'R4.2'
  | 'R4.3'
  | 'R5.1'
  | 'R5.2'
  | 'R5.3'
  | 'R5.4'
  | 'R5.5'
  | 'R5.6'

const WIRE_FORMAT = '1 Wire format'
const IDS = '2 Ids'
const ROUTING = '3 Routing'
const ENDINGS = '4 Endings'
const LIMITS = '5 Limits'

/** In the specification's order. */
export const CLAUSES: readonly Clause[] = [
  server('R1.1', WIRE_FORMAT, 'Integers are unsigned 32-bit, network byte order (big-endian).'),
  server(
    'R1.2',
    WIRE_FORMAT,
    "The first four bytes that the server sends on a connection are the client's id.",
    'Nothing precedes them.',
  ),
  server(
    'R1.3',
    WIRE_FORMAT,
    "A message from a client is: the destination's id (4 bytes), a body of zero or more bytes none of which is NUL, " +
      'and one terminating NUL.',
  ),
  server('R1.4', WIRE_FORMAT, 'What the destination receives is the body and its NUL, byte for byte, without the id.'),
  server(
    'R1.5',
    WIRE_FORMAT,
    'TCP segmentation carries no meaning: a message split at any byte, and any number of messages in one segment, ' +
      'are handled alike.',
  ),
  server(
    'R2.1',
    IDS,
    'An id is unique among all connections that the server has accepted since it started.',
    'An id is never given to a second connection, so a late message can never reach a stranger.',
    'When ids run out, connections are refused as in R5.2.',
  ),
  client('R2.2', IDS, 'Clients treat ids as opaque, and so does the suite.'),
  server('R3.1', ROUTING, 'A complete message to a connected client MUST be delivered to that client and to no other.'),
  server('R3.2', ROUTING, 'Between one sender and one destination, messages MUST arrive in the order sent.'),
  server(
    'R3.3',
    ROUTING,
    "On a destination's stream, the bytes of two messages MUST never interleave, whoever sent them.",
  ),
  server(
    'R3.4',
    ROUTING,
    'While sender and destination stay connected, each message MUST arrive exactly once, whatever the speed at which ' +
      'the destination reads, up to the write deadline (R5.3).',
  ),
  server('R3.5', ROUTING, 'A message MUST NOT be forwarded, in whole or part, before its NUL has been read.'),
  server('R3.6', ROUTING, 'A client MAY send to itself; the message comes back to it.'),
  server(
    'R3.7',
    ROUTING,
    'A message to an id that is not connected MUST be consumed and dropped; the sender stays connected, and its next ' +
      'messages are routed.',
    'The server counts the drop.',
  ),
  server(
    'R4.1',
    ENDINGS,
    'When a client sends FIN, the complete messages that it had sent MUST still be delivered; an incomplete one is ' +
      'discarded.',
    'From the moment when the server has processed the FIN the client is not connected: later messages for it are ' +
      'dropped as in R3.7.',
    'What was queued for it before is flushed; then the server closes.',
  ),
  server(
    'R4.2',
    ENDINGS,
    'When a connection is reset, its incomplete message is discarded, what was held for it is freed, and no other ' +
      'client notices.',
  ),
  server(
    'R4.3',
    ENDINGS,
    'it stops accepting, delivers every complete message that it has read, flushes to every client that reads, closes, ' +
      'and ends within graceMs.',
    'All stalled clients share one deadline, a quarter of the grace after shutdown began; from then on a write that is ' +
      'not accepted at once aborts its client, unless that is seen to take something.',
    'Seen from outside: each destination has received, from each sender, a prefix without a gap, of whole messages.',
  ),
  server(
    'R5.1',
    LIMITS,
    'a message is too long as soon as so many bytes of it have come without a NUL; messages before it are routed, ' +
      'nothing of it is forwarded, its sender is aborted, nobody else notices.',
    'Memory held for an unfinished message never exceeds the limit plus one read.',
  ),
  server('R5.2', LIMITS, 'a further connection is closed at once, without an id.'),
  server(
    'R5.3',
    LIMITS,
    'a client for which bytes are queued and for which the operating system accepted none of them for so long is ' +
      'aborted, and the reason recorded.',
    'Accepting some is progress, however long one message takes',
    'After an abort nothing more is written to that client: a stream never has a gap.',
  ),
  server(
    'R5.4',
    LIMITS,
    'what a server that bounds its memory holds for one destination is at most this, plus one read (64 KiB) and one ' +
      'completed message for each client that sends to it.',
  ),
  server(
    'R5.5',
    LIMITS,
    "lingerMs (default 1,000, counted from the server's FIN) bounds closing, graceMs (default 5,000) shutting down.",
  ),
  server(
    'R5.6',
    LIMITS,
    'at it, reading pauses until it falls; if unfinished messages alone fill it, the connection with the largest is ' +
      'aborted, with its reason.',
  ),
]

function server(id: ClauseId, section: string, ...sentences: string[]): Clause {
  return { id, section, sentences, binds: 'server' }
}

function client(id: ClauseId, section: string, ...sentences: string[]): Clause {
  return { id, section, sentences, binds: 'client' }
}
