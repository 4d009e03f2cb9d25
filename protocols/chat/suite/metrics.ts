import type { MetricSpec } from '@switchyard/conformance/portable'
import type { Protocol } from '@switchyard/core'
import { Chat } from '../src/index.ts'

/** What who operates a chat wants to see beside its connections. */
export const METRICS: readonly MetricSpec[] = [
  {
    name: 'chat_members',
    kind: 'gauge',
    label: 'role',
    help: 'Members, by where they came from: this machine (client), another one (remote), the page (web)',
    read: (protocol) => chat(protocol).members,
  },
  { name: 'chat_rooms', kind: 'gauge', help: 'Rooms with somebody in them', read: (protocol) => chat(protocol).rooms },
  {
    name: 'chat_lines_total',
    kind: 'counter',
    help: 'Lines said to a room, each counted once',
    read: (protocol) => chat(protocol).linesSaid,
  },
  {
    name: 'chat_missed_lines_total',
    kind: 'counter',
    help: 'Lines that members were told they missed (C5.2)',
    read: (protocol) => chat(protocol).linesMissed,
  },
]

/** Throws TypeError for any other protocol. */
function chat(protocol: Protocol): Chat {
  if (protocol instanceof Chat) return protocol
  throw new TypeError('no chat has these figures')
}
