import type { Clause } from '@switchyard/conformance/portable'

/** Clauses of docs/protocols/chat.md, in its order and its words, without markup. */
export const CLAUSES: readonly Clause[] = [
  server(
    'C1.1',
    '1 Wire',
    'A line ends with LF or CRLF. What a client has sent behind its last line when it sends FIN is discarded.',
  ),
  server(
    'C1.2',
    '1 Wire',
    'TCP segmentation carries no meaning: lines that are split at any byte, and any number of lines in one segment, are handled alike.',
  ),
  server(
    'C1.3',
    '1 Wire',
    'A line has at most 400 bytes. A longer one is answered with Messages can only be 400 chars long as soon as the 401st comes; the rest of it is discarded, and the connection stays.',
  ),
  server(
    'C1.4',
    '1 Wire',
    'Every character is valid UTF-8. The first byte that cannot be part of any closes the connection, without a word, also in a line that is discarded. The lines before it count.',
  ),
  server(
    'C1.5',
    '1 Wire',
    'Control characters are dropped, but for TAB: U+0000 to U+001F, and U+007F to U+009F. (An ESC would reach the terminals of others.) What is dropped does not count as a byte of its line.',
  ),
  server(
    'C1.6',
    '1 Wire',
    "Telnet's commands are skipped, wherever they stand: IAC (255) with its command, with its option, or with a whole subnegotiation. Those that mean ^C and ^D (IP, EOF, ABORT, BRK) end the connection like /quit; a doubled IAC is a byte of text, and no UTF-8.",
  ),
  server(
    'C2.3',
    '2 Names',
    '/name {new} renames a member. {name} is now {new} goes to its room, itself included, and the old name is free at once.',
  ),
  server(
    'C2.4',
    '2 Names',
    'A name that somebody has is refused with {new} is already taken, what is no name with Name must be 2 - 20 alphanumeric chars.',
  ),
  server(
    'C3.1',
    '3 Rooms',
    'The first lines that a client is sent are the help (C4.1), You are {name} and You joined main. Nothing precedes them.',
  ),
  server(
    'C3.3',
    '3 Rooms',
    'A line that is no command goes to everybody in the room, its sender included, as {name}: {line}, and to nobody else.',
  ),
  server(
    'C3.4',
    '3 Rooms',
    '/join {room} leaves one room and joins the other in one step. Who is in the first is sent {name} left, who is in the other {name} joined, and the member You joined {room}; if it is there already, only You are in {room}; and if that is no name, Room must be 2 - 20 alphanumeric chars.',
  ),
  server(
    'C3.5',
    '3 Rooms',
    'Behind You joined {room} come the latest lines that were said there (C3.3, C4.5), at most historyLines (default 10), each with Earlier -  before it.',
  ),
  server(
    'C3.6',
    '3 Rooms',
    'All members of a room are sent its lines in the same order. Whoever answers a line is never heard before it: at one member, lines come in the order in which they were caused, across rooms and whispers.',
  ),
  server('C3.7', '3 Rooms', 'When a client quits, disconnects or is closed, its room is sent {name} left.'),
  server(
    'C4.2',
    '4 Commands',
    'The first word is the command, up to a blank; what is more than it needs is ignored. One that does not exist is answered with Unrecognized command {word}, try /help.',
  ),
  server(
    'C4.3',
    '4 Commands',
    "/rooms is answered with Rooms - {room} ({count}), ... by how many are in it, then by name, and /users with Users - {name}, ..., who is in the member's room, by name.",
  ),
  server('C4.4', '4 Commands', '/quit closes the connection. Nothing behind it counts.'),
  server('C4.5', '4 Commands', '/me {action} goes to everybody in the room as * {name} {action}.'),
  server(
    'C4.6',
    '4 Commands',
    '/msg {to} {text} goes to that member alone, whatever room it is in, as {name} whispers: {text}; the sender is sent You whisper to {to}: {text}. If nobody has that name it is answered with {to} is not connected.',
  ),
  server('C4.7', '4 Commands', '/me and /msg without anything to say are answered with Nothing to say, try /help.'),
]

function server(id: string, section: string, text: string): Clause {
  return { id, section, sentences: [text], binds: 'server' }
}
