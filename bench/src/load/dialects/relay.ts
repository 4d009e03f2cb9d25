import type { Dialect } from './dialect.ts'
import { encodeMessage } from '../wire.ts'
import { greet } from './router.ts'

/**
 * The yardstick's: the same bytes as the router's, but nobody reads them. What is written to one connection of a pair
 * comes out of the other as it is, whomever it names.
 */
export const relay: Dialect = {
  routes: false,
  greet,
  encode: encodeMessage,
  arriving: (to, messageBytes, fill) => encodeMessage(to, messageBytes, fill),
}
