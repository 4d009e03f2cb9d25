/** The five, in the order in which they are taught. A new pattern is one folder, and its line here. */
import type { Pattern } from '@switchyard/core'
import { channelPerWriter } from './channel-per-writer/src/server.ts'
import { channels } from './channels/src/server.ts'
import { mutex } from './mutex/src/server.ts'
import { race } from './race/src/server.ts'
import { reactor } from './reactor/src/server.ts'

/** G10: what is due is done on time while somebody is stalled. Elsewhere it waits, for a lock or a dispatcher that waits with a write. */
const KEEPS_TIME: readonly Pattern[] = [race, reactor]
/** G11: what is decided while a commit is under way shares the next one. Elsewhere nothing is decided then. */
const GROUPS_COMMITS: readonly Pattern[] = [channelPerWriter, race, reactor]

/** G12: two ends that have filled the connection between them go on once one of them reads. Elsewhere a step waits with the write, and reads nothing. */
const SURVIVES_A_FULL_PEER: readonly Pattern[] = [channelPerWriter, race, reactor]

/** Each declares what its own file says, and here what only protocols with time, a disk, or a peer that both reads and writes show. */
export const PATTERNS: readonly Pattern[] = [mutex, channels, channelPerWriter, race, reactor].map((pattern) => ({
  ...pattern,
  guarantees: {
    ...pattern.guarantees,
    G10: KEEPS_TIME.includes(pattern),
    G11: GROUPS_COMMITS.includes(pattern),
    G12: SURVIVES_A_FULL_PEER.includes(pattern),
  },
}))
