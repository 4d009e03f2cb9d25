import type { Protocol } from '@switchyard/core'
import { everybodyReads } from '@switchyard/sim'
import type { Event, ProtocolChecker, RunView, Violation, World } from '@switchyard/sim'
import { judgeStatistics } from './bookkeeping.ts'
import { Endings } from './endings.ts'
import type { Ledger } from './ledger.ts'
import { nameOf } from './model.ts'
import type { Invariant, Model, Reading } from './model.ts'
import { ringThrough } from './ring.ts'

/** What the checkers of two protocols do not share. */
export interface Rules<L extends Ledger<Say>, Say> {
  /** What is owed to whom. */
  readonly ledger: L
  /** What has come of it, for each client. */
  readonly readings: readonly Reading[]
  readonly invariants: readonly Invariant<L, Say>[]
  /** The clause that is violated where something is owed and the server does not have it any more. */
  readonly lost: string
}

/**
 * Checks one run, as soon as something can be known to be wrong.
 *
 * Idea       A ledger of what was sent, delivered and decided; what each client reads must be what is owed to it.
 * Safety     After every event: no byte that is not owed, nobody ended without a reason, no more held than allowed.
 * Liveness   Where nothing is left to happen: nothing is owed any more, and nothing is held (G1 where everybody reads).
 * Read       from `after` down.
 */
export class RunChecker<L extends Ledger<Say>, Say> implements ProtocolChecker<Say> {
  readonly #world: World<Say>
  readonly #model: Model<L>
  readonly #rules: Rules<L, Say>
  readonly #calm: boolean
  #endings: Endings | undefined

  constructor(world: World<Say>, rules: Rules<L, Say>) {
    this.#world = world
    this.#rules = rules
    this.#model = rules
    this.#calm = everybodyReads(world)
  }

  watch(protocol: Protocol): Protocol {
    return this.#model.ledger.watch(protocol)
  }

  after(event: Event<Say>, run: RunView<Say>): Violation | undefined {
    const wrong = this.#follow(event, run)
    if (wrong) return wrong
    if (this.#world.timeMs !== undefined) this.#endings?.look()
    for (const invariant of this.#rules.invariants) {
      const violation = invariant.after?.(event, this.#model, run)
      if (violation) return violation
    }
    return undefined
  }

  #follow(event: Event<Say>, run: RunView<Say>): Violation | undefined {
    this.#endings ??= new Endings(run, this.#model)
    const { ledger, readings } = this.#model
    ledger.happened()
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
        return readings[event.client]!.read(event.bytes, run)
      case 'end':
        return this.#endings.ended(event.client)
      case 'time':
        return this.#endings.time()
      case 'shutdown':
        ledger.shutDown()
        this.#endings.shutdown()
        return undefined
      case 'turn':
      case 'sync':
        return undefined
    }
  }

  rest(run: RunView<Say>): Violation | undefined {
    if (this.#calm) {
      const wrong = this.#owed(run)
      if (wrong) return wrong
    }
    const overdue = this.#endings?.rest()
    if (overdue) return overdue
    for (const invariant of this.#rules.invariants) {
      const violation = invariant.rest?.(this.#model, run)
      if (violation) return violation
    }
    return undefined
  }

  end(run: RunView<Say>): Violation | undefined {
    if (!this.#endings) return undefined
    return this.#endings.end() ?? judgeStatistics(run, this.#model.ledger, this.#endings)
  }

  /** G1: where everybody reads, whatever has not come by now never will. */
  #owed(run: RunView<Say>): Violation | undefined {
    const { clients, server } = run
    if (this.#model.ledger.accounts.some(({ cutOff, closed }) => cutOff || closed)) return undefined
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
          clause: this.#rules.lost,
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
