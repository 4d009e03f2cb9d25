import type { Pattern, Protocol } from '@switchyard/core'
import { DeliveryChecker, invariantsOf } from '@switchyard/simulated'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import { drawn, runSeeds, startOf } from '@switchyard/sim'
import type { Event, ProtocolChecker, RunView, Violation, World } from '@switchyard/sim'

/** What two checkers said of the same runs of one pattern. */
export interface Agreement {
  /** Runs in which both found something. */
  readonly both: number
  /** Those in which only the router's own checker did: the other one has missed something. */
  readonly routerOnly: readonly Difference[]
  /** Those in which only the delivery checker did: it sees lost input that had no consequence for anybody's messages. */
  readonly deliveryOnly: readonly Difference[]
}

interface Difference {
  readonly seed: number
  readonly violation: Violation
}

/**
 * Checks random runs of a router twice: by what its clients have sent, which takes the router's rules, and by what its
 * protocol has put into the outbox, which takes none. `to` is included.
 */
export async function agreementOf(pattern: Pattern, from: number, to: number): Promise<Agreement> {
  let latest: Both | undefined
  const checkerOf = (world: World<RouterSay>): Both => (latest = new Both(world, pattern))
  const start = startOf({ ...SIMULATED_ROUTER, checkerOf }, pattern)
  let both = 0
  const routerOnly: Difference[] = []
  const deliveryOnly: Difference[] = []
  for await (const { seed } of runSeeds({ start, world: drawn(SIMULATED_ROUTER.worlds), from, to })) {
    const [router, delivery] = latest?.found ?? []
    if (router && delivery) both++
    else if (router) routerOnly.push({ seed, violation: router })
    else if (delivery) deliveryOnly.push({ seed, violation: delivery })
  }
  return { both, routerOnly, deliveryOnly }
}

/** Two checkers of one run, which goes on until each has found something or nothing is left to happen. */
class Both implements ProtocolChecker<RouterSay> {
  readonly #checkers: readonly ProtocolChecker<RouterSay>[]
  readonly found: [Violation | undefined, Violation | undefined] = [undefined, undefined]

  constructor(world: World<RouterSay>, pattern: Pattern) {
    this.#checkers = [
      SIMULATED_ROUTER.checkerOf(world, pattern),
      new DeliveryChecker<RouterSay>(world, pattern, invariantsOf(pattern, world)),
    ]
  }

  watch(protocol: Protocol): Protocol {
    return this.#checkers.reduce((watched, checker) => checker.watch(watched), protocol)
  }

  after(event: Event<RouterSay>, run: RunView<RouterSay>): Violation | undefined {
    return this.#ask((checker) => checker.after(event, run))
  }

  rest(run: RunView<RouterSay>): Violation | undefined {
    return this.#ask((checker) => checker.rest?.(run))
  }

  end(run: RunView<RouterSay>): Violation | undefined {
    return this.#ask((checker) => checker.end(run))
  }

  /** A checker that has found something is not asked again: what it thinks of the rest means nothing. */
  #ask(question: (checker: ProtocolChecker<RouterSay>) => Violation | undefined): Violation | undefined {
    for (const [index, checker] of this.#checkers.entries()) this.found[index] ??= question(checker)
    const [router, delivery] = this.found
    return delivery && router
  }
}
