/** Protocols made of their own sources, or of a copy of them that somebody has changed. */
import type { Session, Suite } from '@switchyard/conformance/portable'
import { Chat, DEFAULT_OPTIONS } from '@switchyard/protocols/chat'
import { CHAT_OPTIONS, SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { Epmd } from '@switchyard/protocols/epmd'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { EPMD } from '@switchyard/protocols/epmd/suite'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { SimulatedProtocol } from '@switchyard/sim'
import { isCopy, missing } from './evaluate.ts'
import type { Exports } from './evaluate.ts'

/** One protocol, whatever its clients say. */
export interface Judges {
  with<T>(use: <C extends Session, Say>(suite: Suite<C>, simulated: SimulatedProtocol<Say>) => T): T
}

export const JUDGES_OF_ROUTERS: Judges = { with: (use) => use(ROUTER, SIMULATED_ROUTER) }

/** By the folder of its sources. What judges a copy of a protocol, given what the copy exports; throws SourceError. */
export const JUDGES: Readonly<Record<string, (exports: Exports) => Judges>> = {
  'protocols/chat/src/': ({ Chat: Copy }) => {
    if (!isCopy(Copy, Chat)) throw missing('Chat')
    const simulated = { ...SIMULATED_CHAT, create: () => new Copy(CHAT_OPTIONS) }
    const create: typeof CHAT.create = ({ options, random, log }) =>
      new Copy({ ...DEFAULT_OPTIONS, ...options, seed: random.below(2 ** 32), log })
    return { with: (use) => use({ ...CHAT, create }, simulated) }
  },
  'protocols/epmd/src/': ({ Epmd: Copy }) => {
    if (!isCopy(Copy, Epmd)) throw missing('Epmd')
    const simulated = { ...SIMULATED_EPMD, create: () => new Copy({ port: 0, firstCreation: 4 }) }
    const create: typeof EPMD.create = ({ options: { idleMs, relaxed }, port, random, shutDown }) =>
      new Copy({ port, firstCreation: 4 + random.below(2 ** 31), idleMs, relaxed: relaxed === 1, onKill: shutDown })
    return { with: (use) => use({ ...EPMD, create }, simulated) }
  },
}
