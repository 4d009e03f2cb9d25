import type { Pattern } from '@switchyard/core'
import { awaitPerMessage } from './await-per-message.ts'
import { channelReactor } from './channel-reactor.ts'
import { channelsBatched } from './channels-batched.ts'
import { droppingMailboxes } from './dropping-mailboxes.ts'
import { lockPerDestination } from './lock-per-destination.ts'
import { mailboxPermits } from './mailbox-permits.ts'
import { mutexEarlyRelease } from './mutex-early-release.ts'
import { mutexUnlockedWrites } from './mutex-unlocked-writes.ts'
import { oneMessagePerRead } from './one-message-per-read.ts'
import { plain } from './plain.ts'
import { pollingReactor } from './polling-reactor.ts'
import { raceOverConnections } from './race-over-connections.ts'
import { supervisedChannels } from './supervised-channels.ts'
import { taskPerMessage } from './task-per-message.ts'
import { unboundedReactor } from './unbounded-reactor.ts'

export {
  awaitPerMessage,
  channelReactor,
  channelsBatched,
  droppingMailboxes,
  lockPerDestination,
  mailboxPermits,
  mutexEarlyRelease,
  mutexUnlockedWrites,
  oneMessagePerRead,
  plain,
  pollingReactor,
  raceOverConnections,
  supervisedChannels,
  taskPerMessage,
  unboundedReactor,
}

/** Each in the file of its name, in the order of what they differ from: the baseline, mutex, channels, race, reactor. */
export const VARIANTS: readonly Pattern[] = [
  plain,
  awaitPerMessage,
  oneMessagePerRead,
  lockPerDestination,
  mutexEarlyRelease,
  mutexUnlockedWrites,
  taskPerMessage,
  mailboxPermits,
  droppingMailboxes,
  supervisedChannels,
  channelsBatched,
  raceOverConnections,
  pollingReactor,
  unboundedReactor,
  channelReactor,
]
