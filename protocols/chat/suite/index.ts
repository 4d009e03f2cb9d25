/**
 * The suite of chat: clauses of docs/protocols/chat.md, and the cases that prove them. Begin with `cases.ts`. Sections 5 and 6, which
 * need a member that lags or time that passes, are proved on the protocol itself so far (protocols/chat/test/limits.test.ts).
 */
import type { Suite } from '@switchyard/conformance/portable'
import { Chat, DEFAULT_OPTIONS } from '../src/index.ts'
import { CASES } from './cases.ts'
import { CLAUSES } from './clauses.ts'
import { Client } from './client.ts'

export const CHAT: Suite<Client> = {
  name: 'chat',
  specification: 'docs/protocols/chat.md',
  clauses: CLAUSES,
  cases: CASES,
  create: () => new Chat({ ...DEFAULT_OPTIONS, seed: 1 }),
  client: (name, stream, log) => new Client(name, stream, log),
}
