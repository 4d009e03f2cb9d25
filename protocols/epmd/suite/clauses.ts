import type { Clause } from '@switchyard/conformance/portable'
import { LIFE } from './life.ts'

/** The clauses of docs/protocols/epmd.md, in its order and its words, without markup. */
export const CLAUSES: readonly Clause[] = [
  server(
    'D1.1',
    '1 Requests',
    'A request is a length (2 bytes), then as many bytes: a code (1 byte) and what belongs to it. Integers are unsigned, most significant byte first.',
  ),
  server(
    'D1.2',
    '1 Requests',
    'A length is from 1 to 3,057; at any other one the connection is closed without an answer, as soon as its two bytes have come.',
  ),
  server(
    'D1.3',
    '1 Requests',
    'TCP segmentation carries no meaning: a request that is split at any byte is answered like a whole one.',
  ),
  server(
    'D1.4',
    '1 Requests',
    'A connection carries one request. Once it is answered the server closes the connection, unless the request registered a name; bytes behind it are never answered.',
  ),
  server(
    'D1.5',
    '1 Requests',
    'A request whose code is unknown, or whose bytes are not what its code asks for, is closed without an answer.',
  ),
  server(
    'D1.6',
    '1 Requests',
    'A client that sends FIN behind its request still gets the answer; behind a part of a request it is closed without an answer.',
  ),
  server(
    'D1.7',
    '1 Requests',
    'A connection that is not registered and has sent nothing for idleMs (default 60,000) is closed. A registered one never is.',
  ),
  server(
    'D2.1',
    '2 Registering',
    "ALIVE2 (code 120) registers a name: the node's port (2 bytes), its type (1), protocol (1), highest and lowest version (2 each), the name's length (2) and the name, the extra's length (2) and the extra. The connection stays open.",
  ),
  server(
    'D2.2',
    '2 Registering',
    'The answer is 118, 0 and a creation of 4 bytes if the highest version is 6 or more, else 121, 0 and a creation of 2 bytes.',
  ),
  server(
    'D2.3',
    '2 Registering',
    'A registration lives exactly as long as its connection: after FIN or a reset the name is free for anybody.',
  ),
  server(
    'D2.4',
    '2 Registering',
    'A name that is registered already is refused: the answer has 1 in place of 0, and the registration that stands is untouched.',
  ),
  server(
    'D2.5',
    '2 Registering',
    "A name of more than 255 characters, one that is not UTF-8, and an extra of more than 1,020 bytes are refused like D2.4's.",
  ),
  server(
    'D2.6',
    '2 Registering',
    "Lengths that reach beyond the request's end, an empty name, or a NUL in the name: closed without an answer. Bytes behind the extra are ignored.",
  ),
  server('D2.7', '2 Registering', 'A byte from a registered client ends its registration and its connection.'),
  server(
    'D2.8',
    '2 Registering',
    'Two lives of one name differ in their creation: of 4 bytes it rises, of 2 bytes it is 1, 2 or 3.',
  ),
  server(
    'D3.1',
    '3 Asking',
    'PORT_PLEASE2 (code 122, then a name) for a registered name answers 119, 0 and what ALIVE2 brought, in its order: port, type, protocol, both versions, name and extra with their lengths.',
  ),
  server('D3.2', '3 Asking', 'For a name that is not registered it answers 119, 1.'),
  server(
    'D3.3',
    '3 Asking',
    'One NUL behind the name is no part of it. An empty name, a NUL inside, more than 255 characters or what is not UTF-8: closed without an answer.',
  ),
  server(
    'D3.4',
    '3 Asking',
    'NAMES (code 110) answers the port on which EPMD listens (4 bytes), then name N at port P and a newline for each registered name, in any order.',
  ),
  server(
    'D3.5',
    '3 Asking',
    'DUMP (code 100) answers that port, then active name     <N> at port P, fd = F, a newline and a NUL for each registered name. F is a number that tells connections apart.',
  ),
  server('D3.6', '3 Asking', 'What follows the code of NAMES, DUMP or KILL is ignored.'),
  server(
    'D4.1',
    '4 Who may do what',
    'ALIVE2, DUMP, KILL and STOP of a client that is not local are closed without an answer. PORT_PLEASE2 and NAMES are answered for everybody.',
  ),
  server(
    'D4.2',
    '4 Who may do what',
    'KILL (code 107) answers OK, and the server shuts down, if no name is registered or the server is relaxed; otherwise it answers NO, and nothing else happens.',
  ),
  server(
    'D4.3',
    '4 Who may do what',
    'STOP (code 115, then a name) needs a relaxed server: it frees the name, closes the connection that had registered it, and answers STOPPED; if nobody has the name, NOEXIST. Otherwise it is closed without an answer.',
  ),
  ...LIFE.clauses,
]

function server(id: string, section: string, text: string): Clause {
  return { id, section, sentences: [text], binds: 'server' }
}
