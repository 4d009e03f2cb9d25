import type { Dialect, Greeting } from './dialect.ts'
import { encodeMessage, ID_BYTES } from '../wire.ts'

/** The router protocol: four bytes of id, then messages whose receiver does not see whom they were addressed to. */
export const router: Dialect = {
  routes: true,
  greet,
  encode: encodeMessage,
  arriving: (to, messageBytes, fill) => encodeMessage(to, messageBytes, fill).subarray(ID_BYTES),
}

/** The id may come in pieces. */
export function greet(): Greeting {
  let address = 0
  let heard = 0
  return {
    hears(bytes) {
      let at = 0
      while (heard < ID_BYTES && at < bytes.length) {
        address = address * 256 + bytes[at++]!
        heard++
      }
      return heard < ID_BYTES ? undefined : { address, rest: bytes.subarray(at) }
    },
  }
}
