/** The five, in the order in which they are taught. A new pattern is one folder, and its line here. */
import type { Pattern } from '@switchyard/core'
import { channelPerWriter } from './channel-per-writer/src/server.ts'
import { channels } from './channels/src/server.ts'
import { mutex } from './mutex/src/server.ts'
import { race } from './race/src/server.ts'
import { reactor } from './reactor/src/server.ts'

export const PATTERNS: readonly Pattern[] = [mutex, channels, channelPerWriter, race, reactor]
