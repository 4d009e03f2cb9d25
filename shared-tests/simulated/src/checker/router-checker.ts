import type { Protocol } from '@switchyard/core'
import { everybodyReads } from '@switchyard/sim'
import type { RouterSay } from '../router/speech.ts'
import type { Checker, Event, RunView, Violation, World } from '@switchyard/sim'
import { judgeStatistics } from './bookkeeping.ts'
import { Bounds } from './bounds.ts'
import { Endings } from './endings.ts'
import { Ledger } from './ledger.ts'
import { nameOf } from './mismatch.ts'
import { Reading } from './reading.ts'
import { ringThrough } from './ring.ts'

/** What a checker knows of a run. */
export interface Model {
  readonly ledger: Ledger
  /** By client. */
  readonly readings: readonly Reading[]
}

/** What must hold beside the clauses; a fresh one for each run. */
export interface Invariant {
  after?(event: Event, model: Model, run: RunView): Violation | undefined
  /** Nothing is left to happen before time would have to move. */
  rest?(model: Model, run: RunView): Violation | undefined
}

/**
 * Checks one run of a router, clauses 1 to 5 and G1, as soon as something can be known to be wrong.
 *
 * Idea       A ledger of what was sent, delivered and decided; what each client reads must be what is owed to it.
 * Safety     After every event: no byte that is not owed, nobody ended without a reason, no more held than allowed.
 * Liveness   Where nothing is left to happen: nothing is owed any more, and nothing is held.
 * Read       from `after` down.
 */
export class RouterChecker implements Checker<RouterSay> {
  readonly #world: World<RouterSay>
  readonly #model: Model
  readonly #invariants: readonly Invariant[]
  readonly #calm: boolean
  #endings: Endings | undefined

  constructor(world: World<RouterSay>, invariants: readonly Invariant[] = []) {
    this.#world = world
    const ledger = new Ledger(world)
    this.#model = { ledger, readings: world.clients.map((_, client) => new Reading(ledger, client)) }
    this.#invariants = [new Bounds(world, ledger.limits.queuedBytesMax), ...invariants]
    this.#calm = everybodyReads(world)
  }

  /** The protocol that the server has to run: `protocol`, watched. */
  watch(protocol: Protocol): Protocol {
    return this.#model.ledger.watch(protocol)
  }

  after(event: Event<RouterSay>, run: RunView): Violation | undefined {
    const wrong = this.#follow(event, run)
    if (wrong) return wrong
    for (const invariant of this.#invariants) {
      const violation = invariant.after?.(event, this.#model, run)
      if (violation) return violation
    }
    return undefined
  }

  #follow(event: Event<RouterSay>, run: RunView): Violation | undefined {
    this.#endings ??= new Endings(run, this.#model)
    const { ledger, readings } = this.#model
    switch (event.kind) {
      case 'connect':
        ledger.connect(event.client, event.refused || run.clients[event.client]!.link.gone)
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
        return admitted(readings[event.client]!.read(event.bytes), run)
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

  rest(run: RunView): Violation | undefined {
    if (this.#calm) {
      const wrong = this.#owed(run)
      if (wrong) return wrong
    }
    const overdue = this.#endings?.rest()
    if (overdue) return overdue
    for (const invariant of this.#invariants) {
      const violation = invariant.rest?.(this.#model, run)
      if (violation) return violation
    }
    return undefined
  }

  end(run: RunView): Violation | undefined {
    if (!this.#endings) return undefined
    return this.#endings.end() ?? judgeStatistics(run, this.#model.ledger, this.#endings)
  }

  /** G1: where everybody reads, whatever has not come by now never will. */
  #owed(run: RunView): Violation | undefined {
    const { clients, server } = run
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
      const { waits } = run.outcome()
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
      message: `nothing is left to happen, and nobody gets out of this: ${run.outcome().waits}`,
    }
  }
}

/** A message that is missing may come late (R3.2) or never (R3.4): never, where the server says itself that it drops some. */
function admitted(violation: Violation | undefined, { server }: RunView): Violation | undefined {
  if (violation?.clause !== 'R3.2') return violation
  const { sends } = server.statistics().drops['mailbox-full']
  return sends === 0 ? violation : { clause: 'R3.4', message: `${violation.message}; ${sends} messages were dropped` }
}
