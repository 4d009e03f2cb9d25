/** Section 5: what a server does not put up with. */
import type { Case } from '../case.ts'
import { CLOSING } from './limits/closing.ts'
import { CONNECTIONS } from './limits/connections.ts'
import { HELD_BYTES } from './limits/held-bytes.ts'
import { MESSAGE_LENGTH } from './limits/message-length.ts'
import { QUEUED_BYTES } from './limits/queued-bytes.ts'
import { WRITE_DEADLINE } from './limits/write-deadline.ts'

export const LIMITS: readonly Case[] = [
  ...MESSAGE_LENGTH,
  ...CONNECTIONS,
  ...WRITE_DEADLINE,
  ...QUEUED_BYTES,
  ...CLOSING,
  ...HELD_BYTES,
]
