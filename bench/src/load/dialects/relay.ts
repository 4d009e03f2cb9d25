import { EqualMessages } from '@switchyard/harness'
import type { PairDialect } from '@switchyard/harness'
import { ROUTER } from '@switchyard/protocols/router/suite'

/**
 * The yardstick's: the same bytes as the router's, but nobody reads them. What is written to one connection of a pair
 * comes out of the other as it is, whomever it names.
 */
export const relay: PairDialect = {
  ...ROUTER.dialect,
  routes: false,
  pair: (from, to) => {
    const talk = ROUTER.dialect.pair(from, to)
    return { ...talk, incoming: (messageBytes, fill) => new EqualMessages(talk.message(messageBytes, fill)) }
  },
}
