/** Chat in simulation: what its members say, the worlds they say it in, and what must hold whatever the order of events. */
import type { Pattern, Protocol } from '@switchyard/core'
import type { SimulatedProtocol, World } from '@switchyard/sim'
import { DeliveryChecker, invariantsOf, LagsAlone } from '@switchyard/simulated'
import { Chat, DEFAULT_OPTIONS } from '../../src/index.ts'
import type { ChatOptions } from '../../src/index.ts'
import { Facts } from './facts.ts'
import { CHAT_SPEECH } from './speech.ts'
import type { ChatSay } from './speech.ts'
import { randomWorld, smallWorld, WORLD_KINDS } from './worlds.ts'

export { CHAT_SPEECH, say } from './speech.ts'
export type { ChatSay } from './speech.ts'

/** Time is not what these worlds are about: who is idle, or too fast, has cases. */
export const CHAT_OPTIONS: ChatOptions = {
  ...DEFAULT_OPTIONS,
  historyLines: 3,
  floodLinesPerSecond: 0,
  idleMs: 0,
  seed: 1,
}

export const SIMULATED_CHAT: SimulatedProtocol<ChatSay> = {
  speech: CHAT_SPEECH,
  worlds: WORLD_KINDS.map((kind) => (random) => randomWorld(random, kind)),
  smallWorld,
  create: () => new Chat(CHAT_OPTIONS),
  checkerOf: (world, pattern) => new ChatChecker(world, pattern),
}

/** What a pattern owes to any protocol, and what a chat owes to its members. */
class ChatChecker extends DeliveryChecker<ChatSay> {
  readonly #facts: Facts

  constructor(world: World<ChatSay>, pattern: Pattern) {
    const facts = new Facts()
    super(world, pattern, [
      ...invariantsOf(pattern, world),
      ...(pattern.guarantees.G9 ? [new LagsAlone()] : []),
      { after: () => facts.violation },
    ])
    this.#facts = facts
  }

  override watch(protocol: Protocol): Protocol {
    return super.watch(this.#facts.watch(protocol))
  }
}
