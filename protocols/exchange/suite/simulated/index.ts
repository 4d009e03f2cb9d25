/** The exchange in simulation: what its clients say, the worlds they say it in, and what must hold whatever the order of events. */
import type { Pattern, Protocol } from '@switchyard/core'
import type { SimulatedProtocol, World } from '@switchyard/sim'
import { DeliveryChecker, invariantsOf, KeepsTime } from '@switchyard/simulated'
import { Engine, Exchange } from '../../src/index.ts'
import type { CommandJournal, ExchangeLimits, ExchangeOptions } from '../../src/index.ts'
import { DEMO } from '../demo.ts'
import { Audit } from './audit.ts'
import { EXCHANGE_SPEECH } from './speech.ts'
import type { ExchangeSay } from './speech.ts'
import { randomWorld, smallWorld, WORLD_KINDS } from './worlds.ts'

const FOR_EVER = 2 ** 31 - 1
/** Small, so that a run is cheap. Time is not what these worlds are about: heartbeats and deadlines have cases. */
const OPTIONS: ExchangeOptions & Partial<ExchangeLimits> = {
  ...DEMO,
  book: { ordersMax: 64, levelsMax: 8 },
  ordersMax: 64,
  windowBytes: 128,
  heartbeatMs: FOR_EVER,
  silenceMs: FOR_EVER,
  loginMs: FOR_EVER,
}

/** What stands between an exchange and its journal until the run's checker comes. */
class LateJournal implements CommandJournal {
  to: CommandJournal | undefined

  append(record: Uint8Array): void {
    this.to?.append(record)
  }

  sync(): undefined {
    return undefined
  }
}

/** An exchange whose journal a checker can take over. */
class Audited extends Exchange {
  readonly late: LateJournal

  constructor(options: Readonly<Record<string, number>>, late: LateJournal = new LateJournal()) {
    super({ ...OPTIONS, ...options, journal: late })
    this.late = late
  }
}

export const SIMULATED_EXCHANGE: SimulatedProtocol<ExchangeSay> = {
  speech: EXCHANGE_SPEECH,
  worlds: WORLD_KINDS.map((kind) => (random) => randomWorld(random, kind)),
  smallWorld,
  create: ({ options = {} }) => new Audited(options),
  checkerOf: (world, pattern) => new ExchangeChecker(world, pattern),
}

/** What a pattern owes to any protocol, and what an exchange owes to its accounts. */
class ExchangeChecker extends DeliveryChecker<ExchangeSay> {
  #audit: Audit | undefined

  constructor(world: World<ExchangeSay>, pattern: Pattern) {
    const beatMs = world.options?.['heartbeatMs']
    super(world, pattern, [
      ...invariantsOf(pattern, world),
      ...(pattern.guarantees.G10 && beatMs !== undefined ? [new KeepsTime(beatMs)] : []),
      { after: () => this.#audit?.violation },
    ])
  }

  override watch(protocol: Protocol): Protocol {
    if (!(protocol instanceof Audited)) return super.watch(protocol)
    const audit = new Audit(() => protocol.engine, new Engine(OPTIONS))
    protocol.late.to = audit
    this.#audit = audit
    return super.watch(audit.watch(protocol))
  }
}
