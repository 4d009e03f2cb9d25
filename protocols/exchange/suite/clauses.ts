import type { Clause } from '@switchyard/conformance/portable'
import { LIFE } from './life.ts'

const WIRE = '1 Wire'
const SESSIONS = '2 Sessions'
const ORDERS = '3 Orders'
const MATCHING = '4 Matching'
const STREAMS = '5 Streams'
const WATCHERS = '6 Watchers'
const LIMITS = '7 Limits'

/** Clauses of docs/protocols/exchange.md, in its order and its words, without markup. */
export const CLAUSES: readonly Clause[] = [
  server(
    'X1.1',
    WIRE,
    'Packets are those of SoupBinTCP 3.00: a length of 16 bits that counts what follows it, a type, and what that type says. TCP segmentation carries no meaning.',
  ),
  server(
    'X1.2',
    WIRE,
    'A packet of length 0, one of more than 256, and one of a type that a client does not send close the connection.',
  ),
  server(
    'X1.3',
    WIRE,
    'A command whose type or length OUCH 4.2 does not have, or that is not Enter, Replace or Cancel, closes the connection. Those before it count.',
  ),
  server('X2.1', SESSIONS, 'A client has loginMs to log in. Before it has, a command closes the connection.'),
  server(
    'X2.2',
    SESSIONS,
    "A login with an account's name and password is answered with A: the day's session, and the number of the message that comes next.",
  ),
  server(
    'X2.3',
    SESSIONS,
    'Any other name or password is answered with J A; a session that is not the current one, and a number beyond the next message, with J S. The connection is closed behind that.',
  ),
  server(
    'X2.4',
    SESSIONS,
    "A login with the number n is sent the account's messages from n on, each once, then new ones as they come; with 0, only new ones.",
  ),
  server(
    'X2.5',
    SESSIONS,
    'A client that was sent nothing for heartbeatMs is sent a heartbeat. One that sends nothing for silenceMs is closed.',
  ),
  server(
    'X2.6',
    SESSIONS,
    'A login takes over: an earlier connection of the account is closed, and no order is cancelled by that.',
  ),
  server(
    'X2.7',
    SESSIONS,
    'When the connection of an account ends, its open orders rest, or are cancelled with S, as was agreed for the account.',
  ),
  server(
    'X2.8',
    SESSIONS,
    'At the end of a day everybody is sent Z and closed. The next day has another session, and begins with empty books and streams.',
  ),
  server(
    'X3.1',
    ORDERS,
    'An order that is entered is accepted with everything that it said and a number of its own, before anything else is said of it.',
  ),
  server(
    'X3.2',
    ORDERS,
    "An Enter whose token one of the account's orders of the day has is ignored. A rejected command has used up no token.",
  ),
  server(
    'X3.3',
    ORDERS,
    'Rejected is what has no shares or a million (Z), a price of 0 or beyond $199,999.99 (X), an unknown symbol (S), another time in force than 0, 99998 and 99999 (O), another display than Y (D), or a minimum quantity (N).',
  ),
  server(
    'X3.4',
    ORDERS,
    'A Cancel leaves an order at most so many shares, those that were executed among them, and is answered with how many it took away. What takes none away is ignored.',
  ),
  server(
    'X3.5',
    ORDERS,
    'A Replace gives an open order another token, price and number of shares, those that were executed among them. What names no open order, or has a token that is used, is ignored.',
  ),
  server(
    'X3.6',
    ORDERS,
    'A Replace with terms that an Enter would be rejected for, or with no more shares than were executed, cancels the order, and has used up no token.',
  ),
  server('X3.7', ORDERS, 'What an order with a time in force of 0 does not find at once is cancelled with I.'),
  server(
    'X4.1',
    MATCHING,
    'An order meets the best price of the other side first, at one price the order that came first. A match is at the price of the order that was there.',
  ),
  server(
    'X4.2',
    MATCHING,
    'Both sides of a match are told of it with the same number, shares and price: A to the order that was there, R to the other.',
  ),
  server(
    'X4.3',
    MATCHING,
    'A replaced order keeps its place if its price stays and its shares do not grow. Otherwise it comes anew.',
  ),
  server(
    'X5.1',
    STREAMS,
    "An account's messages have the numbers 1, 2, 3 and so on. Each is about an order of the account's, and they come in the order in which they were decided.",
  ),
  server(
    'X5.2',
    STREAMS,
    'A client that reads slowly misses nothing: at most windowBytes of its messages are queued for it, and the next ones when it has read those.',
  ),
  server(
    'X6.1',
    WATCHERS,
    'An account that watches is sent the best price of each side and the shares there, when it logs in and when they have changed. It may leave some out, and says how many.',
  ),
  server('X6.2', WATCHERS, 'It may not trade: a command closes the connection.'),
  server(
    'X7.1',
    LIMITS,
    "When the day's streams have streamBytesMax bytes, a command other than a Cancel of a whole order closes the connection, and has no effect.",
  ),
  ...LIFE.clauses,
]

function server(id: string, section: string, sentence: string): Clause {
  return { id, section, sentences: [sentence], binds: 'server' }
}
