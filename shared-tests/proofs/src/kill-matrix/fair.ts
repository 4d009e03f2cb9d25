/** G5: as an invariant of simulated runs, in schedules in which all that is sent is there before a turn ends. */
import { Random } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { invariantsOf } from '@switchyard/simulated'
import { routerWith, send } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import { actorOf, startOf } from '@switchyard/sim'
import type { ChoiceKind, Choices, World } from '@switchyard/sim'

const SCHEDULES = 20
const ONLY_FAIR = { G1: false, G2: false, G3: false, G4: false, G5: true, G6: false, G7: false, G8: false }

/** One client that floods, and light ones beside it: what is broken, if somebody waits for more turns than that. */
export async function isFair(pattern: Pattern): Promise<string | undefined> {
  const body = (letter: string): Uint8Array => new Uint8Array(20).fill(letter.charCodeAt(0))
  const flooding = Array.from({ length: 40 }, () => send(1, body('f')))
  const world: World<RouterSay> = {
    prologue: true,
    clients: [flooding, ...['a', 'b', 'c'].map((name) => [send(1, body(name))])],
    shutdown: false,
    limits: {},
    // What is sent in one turn is more than is read in one; what is written is accepted.
    buffers: { receiveBytes: 64, sendBytes: 4096 },
    cuts: 'whole',
  }
  const router = routerWith((given) => invariantsOf({ ...pattern, guarantees: ONLY_FAIR }, given))
  const start = startOf(router, pattern)
  for (let seed = 0; seed < SCHEDULES; seed++) {
    const { violation } = await start(world, new TurnsLast(seed)).run()
    if (violation?.clause === 'G5') return violation.message
  }
  return undefined
}

/** Any event, but the end of a turn only when there is no other. */
class TurnsLast implements Choices {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  choose(count: number, _: ChoiceKind, actors: readonly number[] = []): number {
    const clients = actors.flatMap((actor, index) => (actor >= actorOf(0, 'script') ? [index] : []))
    return clients[this.#random.below(clients.length)] ?? this.#random.below(count)
  }
}
