import type { Address, PairDialect } from '@switchyard/harness'
import { nodeOf } from '@switchyard/protocols/nodes'
import { ROUTER } from '@switchyard/protocols/router/suite'

const CLIENT_BITS = 23
const NODES = 256

/**
 * The router, on two nodes that take clients in turn. Clients are paired in the order of their addresses: here the number that a node
 * gave stands before the node's, so that the two of a pair are on different nodes.
 */
export const acrossNodes: PairDialect = {
  ...ROUTER.dialect,
  greet(number) {
    const greeting = ROUTER.dialect.greet(number)
    return {
      ...greeting,
      hears(bytes) {
        const heard = greeting.hears(bytes)
        return heard?.address === undefined ? heard : { ...heard, address: addressOf(Number(heard.address)) }
      },
    }
  },
  pair: (from, to) => ROUTER.dialect.pair(from, { ...to, address: idAt(to.address) }),
}

function addressOf(id: number): Address {
  return (id % 2 ** CLIENT_BITS) * NODES + nodeOf(id)
}

function idAt(address: Address): number {
  const place = Number(address)
  return (place % NODES) * 2 ** CLIENT_BITS + Math.floor(place / NODES)
}
