/** N1.1: an id is `[node: 8 bits][client: 23 bits]`, so that the node can be read off it. */
import type { ClientId } from '@switchyard/core'

const CLIENT_BITS = 23
/** Node numbers go from 1 to this: a server that is no node gives ids from 1 on, which are those of a node 0. */
export const NODES_MAX = 255
/** Ids that all runs of one node can give. */
export const CLIENTS_MAX: number = 2 ** CLIENT_BITS - 1

/** The node that gives this id; above `NODES_MAX` if none does. */
export function nodeOf(id: ClientId): number {
  return id >>> CLIENT_BITS
}

/** The first id that a node can give. */
export function firstIdOf(node: number): ClientId {
  return node * 2 ** CLIENT_BITS + 1
}

export function lastIdOf(node: number): ClientId {
  return firstIdOf(node) + CLIENTS_MAX - 1
}
