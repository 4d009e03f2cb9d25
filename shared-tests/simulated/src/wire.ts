import type { Wire } from '@switchyard/sim'
import { ID_BYTES } from '@switchyard/conformance/portable'

const NUL = 0

/** The router's messages as clients write them (R1.3), where a simulation needs them as bytes. */
export const ROUTER_WIRE: Wire = {
  encode: (id, body) => Uint8Array.of(...id, ...body, NUL),
  begin: (id, body) => Uint8Array.of(...id, ...body),
  id: (received) => (received.length < ID_BYTES ? undefined : received.subarray(0, ID_BYTES)),
}
