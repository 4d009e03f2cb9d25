import type { Abuse } from './abuse.ts'
import { CHAT_ABUSES } from './chat.ts'
import { HALF_OPEN, SILENCE, STRANGERS, UNFINISHED } from './crowds.ts'
import { DESCRIPTORS } from './descriptors.ts'
import { GARBAGE } from './garbage.ts'
import { KILL } from './kill.ts'
import { MUX_ABUSES } from './mux.ts'
import { PAUSE } from './pause.ts'
import { TERMINATE } from './terminate.ts'

export type { Abuse, Finding, Measured, Operated, OperatedOptions, Scale, Victims } from './abuse.ts'
export { victimsOf } from './victims.ts'
export type { Programs } from './victims.ts'

const ABUSES: Readonly<Record<string, readonly Abuse[]>> = {
  router: [GARBAGE, UNFINISHED, SILENCE, HALF_OPEN, STRANGERS, DESCRIPTORS, TERMINATE, KILL, PAUSE],
  chat: CHAT_ABUSES,
  mux: MUX_ABUSES,
}

/** The protocols whose servers are abused. */
export const ABUSED: readonly string[] = Object.keys(ABUSES)

/** What is done to servers of one of these. */
export function abusesOf(protocol: string): readonly Abuse[] {
  return ABUSES[protocol] ?? []
}
