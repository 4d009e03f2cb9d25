import type { Protocol } from '@switchyard/core'
import { everybodyReads } from '@switchyard/sim'
import type { Event, Judge, Simulation, Violation, World } from '@switchyard/sim'
import { judgeStatistics } from './bookkeeping.ts'
import { Bounds } from './bounds.ts'
import { Endings } from './endings.ts'
import { Ledger } from './ledger.ts'
import { nameOf } from './mismatch.ts'
import { Reading } from './reading.ts'
import { ringThrough } from './ring.ts'

/** What a judge knows of a run. */
export interface Model {
  readonly ledger: Ledger
  /** By client. */
  readonly readings: readonly Reading[]
}

/** A further fact to be judged; a fresh one for each run. */
export interface Fact {
  after?(event: Event, model: Model, simulation: Simulation): Violation | undefined
  /** Nothing is left to happen before time would have to move. */
  rest?(model: Model, simulation: Simulation): Violation | undefined
}

/**
 * Judges one run of a router, clauses 1 to 5 and G1, as soon as something can be known to be wrong.
 *
 * Idea       A ledger of what was sent, delivered and decided; what each client reads must be what is owed to it.
 * Safety     After every event: no byte that is not owed, nobody ended without a reason, no more held than allowed.
 * Liveness   Where nothing is left to happen: nothing is owed any more, and nothing is held.
 * Read       from `after` down.
 */
export class RouterJudge implements Judge {
  readonly #world: World
  readonly #model: Model
  readonly #facts: readonly Fact[]
  readonly #calm: boolean
  #endings: Endings | undefined

  constructor(world: World, facts: readonly Fact[] = []) {
    this.#world = world
    const ledger = new Ledger(world)
    this.#model = { ledger, readings: world.clients.map((_, client) => new Reading(ledger, client)) }
    this.#facts = [new Bounds(world, ledger.limits.queuedBytesMax), ...facts]
    this.#calm = everybodyReads(world)
  }

  /** The protocol that the judged server has to run: `protocol`, watched. */
  watch(protocol: Protocol): Protocol {
    return this.#model.ledger.watch(protocol)
  }

  after(event: Event, simulation: Simulation): Violation | undefined {
    const wrong = this.#follow(event, simulation)
    if (wrong) return wrong
    for (const fact of this.#facts) {
      const violation = fact.after?.(event, this.#model, simulation)
      if (violation) return violation
    }
    return undefined
  }

  #follow(event: Event, simulation: Simulation): Violation | undefined {
    this.#endings ??= new Endings(simulation, this.#model)
    const { ledger, readings } = this.#model
    switch (event.kind) {
      case 'connect':
        ledger.connect(event.client, event.refused || simulation.clients[event.client]!.link.gone)
        return undefined
      case 'move':
        ledger.move(event)
        return undefined
      case 'deliver':
        ledger.deliver(event)
        return undefined
      case 'accept':
        this.#endings.accepted(event.client)
        return undefined
      case 'read':
        return admitted(readings[event.client]!.read(event.bytes), simulation)
      case 'end':
        return this.#endings.ended(event.client)
      case 'time':
        return this.#endings.time()
      case 'shutdown':
        this.#endings.shutdown()
        return undefined
      case 'turn':
        return undefined
    }
  }

  rest(simulation: Simulation): Violation | undefined {
    if (this.#calm) {
      const wrong = this.#owed(simulation)
      if (wrong) return wrong
    }
    const overdue = this.#endings?.rest()
    if (overdue) return overdue
    for (const fact of this.#facts) {
      const violation = fact.rest?.(this.#model, simulation)
      if (violation) return violation
    }
    return undefined
  }

  end(simulation: Simulation): Violation | undefined {
    if (!this.#endings) return undefined
    return this.#endings.end() ?? judgeStatistics(simulation, this.#model.ledger, this.#endings)
  }

  /** G1: where everybody reads, whatever has not come by now never will. */
  #owed(simulation: Simulation): Violation | undefined {
    const { clients, server } = simulation
    if (this.#model.ledger.accounts.some(({ tooLong }) => tooLong)) return undefined
    for (const { index, link, nextMove } of clients) {
      const account = this.#model.ledger.account(index)
      const missing = this.#model.readings[index]!.missing()
      const unhandled = account.sent > account.processed
      const stuck = link.space === 0 && nextMove < this.#world.clients[index]!.length
      if (!missing && !unhandled && !stuck) continue
      const what = missing
        ? `${nameOf(missing)} has not come`
        : `of the ${account.sent} bytes that client ${index} sent, ${account.processed} were handled`
      const { held } = server.statistics()
      const { waits } = simulation.outcome()
      if (account.sent === account.delivered && held.total === 0 && server.waits.edges().length === 0) {
        return {
          clause: 'R3.4',
          message: `nothing is left to happen, and ${what}: the server holds nothing, so it is lost`,
        }
      }
      const ring = unhandled ? ringThrough(account, this.#model.ledger, server.waits) : ''
      return {
        clause: 'G1',
        message: `nothing is left to happen, and ${what}: ${held.total} bytes are held; ${waits}${ring}`,
      }
    }
    // Everything has come, and still some wait for each other: the next message would find out.
    if (server.waits.edges().length === 0 || server.waits.cycles().length === 0) return undefined
    return {
      clause: 'G1',
      message: `nothing is left to happen, and nobody gets out of this: ${simulation.outcome().waits}`,
    }
  }
}

/** A message that is missing may come late (R3.2) or never (R3.4): never, where the server says itself that it drops some. */
function admitted(violation: Violation | undefined, { server }: Simulation): Violation | undefined {
  if (violation?.clause !== 'R3.2') return violation
  const { sends } = server.statistics().drops['mailbox-full']
  return sends === 0 ? violation : { clause: 'R3.4', message: `${violation.message}; ${sends} messages were dropped` }
}
