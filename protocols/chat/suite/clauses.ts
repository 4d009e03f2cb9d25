import type { Clause } from '@switchyard/conformance/portable'
import { LIFE } from './life.ts'

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
    'C1.7',
    '1 Wire',
    "Each line of the server's is UTF-8 and ends with LF. No member can say a line that the server or another member would say.",
  ),
  server(
    'C2.1',
    '2 Names',
    'A new member has a name that is free: an adjective and an animal, of 8 to 12 letters, in an order that a seed decides and that gives never the same one twice. (When all pairs have been given, each is given again with a number behind it.)',
  ),
  server(
    'C2.2',
    '2 Names',
    'Names, and those of rooms, are 2 to 20 ASCII letters, digits, hyphens and underscores. Upper and lower case differ.',
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
    'C2.5',
    '2 Names',
    'No two members have the same name, and a name is free as soon as its owner quits, disconnects or is closed.',
  ),
  server(
    'C3.1',
    '3 Rooms',
    'The first lines that a client is sent are the help (C4.1), You are {name} and You joined main. Nothing precedes them.',
  ),
  server('C3.2', '3 Rooms', 'A room exists exactly as long as somebody is in it; main too.'),
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
    'All members of a room are sent its lines in the same order. Whoever answers a line is never heard before it: at one member, lines come in the order in which they were caused, across rooms and whispers. (Except for what a shutdown sends behind the last line read: no member is heard any more that could tell.)',
  ),
  server('C3.7', '3 Rooms', 'When a client quits, disconnects or is closed, its room is sent {name} left.'),
  server(
    'C4.1',
    '4 Commands',
    '/help is answered with Server commands and a line for each command. Of those, the greeting has the first six.',
  ),
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
  server('C4.5', '4 Commands', '/me {action} goes to everybody in the room as  {name} {action}.'),
  server(
    'C4.6',
    '4 Commands',
    '/msg {to} {text} goes to that member alone, whatever room it is in, as {name} whispers: {text}; the sender is sent You whisper to {to}: {text}. If nobody has that name it is answered with {to} is not connected.',
  ),
  server('C4.7', '4 Commands', '/me and /msg without anything to say are answered with Nothing to say, try /help.'),
  server('C5.1', '5 Lagging', 'A member that does not read misses lines. Nobody else does.'),
  server(
    'C5.2',
    '5 Lagging',
    'Before the next line, a member is told how many it missed, exactly where they are missing: Server is very busy and dropped {n} messages, sorry! Nothing is dropped between the notice and that line.',
  ),
  server(
    'C5.3',
    '5 Lagging',
    'Each line is sent to each member once, or counted in its next notice. The sender of a whisper is told that it was missed: {to} is lagging and missed your whisper. (What was missed before the server shuts down is only in its statistics.)',
  ),
  server('C5.4', '5 Lagging', 'A member that does not read is still heard.'),
  server(
    'C5.5',
    '5 Lagging',
    'What is held for a member that does not read is bounded as in R5.4, and lines that several of them miss reading are held once for all of a room.',
  ),
  server(
    'C6.1',
    '6 Limits',
    'floodLinesMax (default 60) lines may come at once and floodLinesPerSecond (default 20; 0 is no limit) after that, commands and lines that are too long included. Lines beyond are dropped, until half of floodLinesMax may come again. The member is told once, at the first of them: You are too fast: your lines are dropped until you pause, and before its next line how many there were: {n} of your lines were dropped. /quit is never dropped.',
  ),
  server(
    'C6.2',
    '6 Limits',
    'A member that has sent nothing for idleMs (default an hour; 0 is never) is sent You have sent nothing for {n} seconds, bye! and closed.',
  ),
  server(
    'C6.3',
    '6 Limits',
    'When the server shuts down, everybody is sent Server is shutting down, bye! behind the last line, and not told who leaves after it.',
  ),
  ...LIFE.clauses,
]

function server(id: string, section: string, text: string): Clause {
  return { id, section, sentences: [text], binds: 'server' }
}
