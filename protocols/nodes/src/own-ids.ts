import type { ClientId } from '@switchyard/core'
import { firstIdOf, lastIdOf } from './ids.ts'

/** Keeps one number while its node does not run. */
export interface IdMemory {
  /** The highest that was written; 0 if none was. */
  read(): ClientId
  /** Once it returns, the number is there for the next run, whatever happens to this one. Throws if that can't be. */
  write(highestId: ClientId): void
}

/** Ids are remembered in blocks, so that few of them wait for a disk. A run that gives few leaves few unused. */
const BLOCK = { least: 256, most: 4096 } as const

/**
 * N1.2: the ids that this run of a node may give. Its memory knows them before a client does: the other nodes remember them too, but a node
 * that starts may hear none of them.
 */
export class OwnIds {
  readonly #node: number
  readonly #memory: IdMemory
  #firstId = 0
  #highest = 0
  #written = 0

  constructor(node: number, memory: IdMemory) {
    this.#node = node
    this.#memory = memory
  }

  /** Behind what the memory knows, and the other nodes. Returns the first id. Throws RangeError if none is left. */
  begin(heard: ClientId): ClientId {
    const highest = Math.max(firstIdOf(this.#node) - 1, heard, this.#memory.read())
    if (highest >= lastIdOf(this.#node))
      throw new RangeError(`ids of node ${this.#node} may have been given up to ${highest}`)
    this.#firstId = highest + 1
    this.#written = highest
    // Told to the others before the first id is given; the disk need not know of a run that gives none.
    this.#highest = Math.min(highest + BLOCK.least, lastIdOf(this.#node))
    return this.#firstId
  }

  /** That any run of this node may have given, as far as this one knows, and some more; 0 before it begins. */
  get highest(): ClientId {
    return this.#highest
  }

  /** To be called before a client is told its id. Throws if it can't be remembered: then nobody may be told. */
  give(id: ClientId): void {
    const block = Math.min(Math.max(BLOCK.least, id - this.#firstId), BLOCK.most)
    // While half a block is left, so that other nodes have mostly heard of an id before it is given.
    const isScarce = id + block / 2 > this.#highest
    if (!isScarce && id <= this.#written) return
    const highest = isScarce ? id + block : this.#highest
    this.#memory.write(highest)
    this.#written = highest
    this.#highest = highest
  }
}
