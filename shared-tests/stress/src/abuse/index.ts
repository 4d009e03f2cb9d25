import type { Abuse } from './abuse.ts'
import { HALF_OPEN, SILENCE, STRANGERS, UNFINISHED } from './crowds.ts'
import { DESCRIPTORS } from './descriptors.ts'
import { GARBAGE } from './garbage.ts'
import { KILL } from './kill.ts'
import { PAUSE } from './pause.ts'
import { TERMINATE } from './terminate.ts'

export type { Abuse, Finding, Measured, Operated, OperatedOptions, Scale, Victims } from './abuse.ts'
export { victimsOf } from './victims.ts'
export type { Programs } from './victims.ts'

export const ABUSES: readonly Abuse[] = [
  GARBAGE,
  UNFINISHED,
  SILENCE,
  HALF_OPEN,
  STRANGERS,
  DESCRIPTORS,
  TERMINATE,
  KILL,
  PAUSE,
]
