import { limitsOf, READ_BYTES, Slabs } from '@switchyard/core'
import type { Event, RunView, Violation, World } from '@switchyard/sim'
import type { Delivery, Invariant, Model } from './model.ts'
import type { OutboxLedger } from './outbox-ledger.ts'

/** What holding a message can cost beside its bytes: memory comes in pieces that it need not fill. */
const ROUNDING = 2
/** The same for short ones, bytes. */
const PIECE_BYTES_MIN = 64

/** What one client has caused for one destination: the step last seen, its bytes, the most of any step, the largest message. */
interface Caused {
  readonly step: number
  readonly stepBytes: number
  readonly stepBytesMost: number
  readonly largest: number
}

/**
 * R5.4: for each destination a full queue, and the end of a slab that what was decided last does not fill; and on top of it what
 * each client may add before it is held back: what one step decides, and one message more, perhaps unfinished.
 */
export class OutboxBounds implements Invariant<OutboxLedger> {
  readonly #queuedBytesMax: number
  /** The largest slab. The clause has room for it where it speaks of a read of 64 KiB; a world's reads are shorter than its slabs. */
  readonly #slabBytes: number
  readonly #readBytes: number
  /** How many deliveries of each destination have been looked at. */
  readonly #seen: number[]
  /** For each destination, by cause. */
  readonly #caused: Map<number, Caused>[]
  #owedBytes = 0
  /** Nobody can be held back for these. */
  #uncausedBytes = 0

  constructor({ clients, limits, buffers }: World) {
    this.#queuedBytesMax = limitsOf(limits).queuedBytesMax
    this.#slabBytes = new Slabs(this.#queuedBytesMax).bytesMax
    this.#readBytes = Math.min(READ_BYTES, buffers.receiveBytes)
    this.#seen = clients.map(() => 0)
    this.#caused = clients.map(() => new Map())
  }

  after({ kind }: Event, { ledger }: Model<OutboxLedger>, run: RunView): Violation | undefined {
    if (kind !== 'deliver' && kind !== 'turn') return undefined
    for (const { index, owed } of ledger.accounts) {
      for (; this.#seen[index]! < owed.length; this.#seen[index]!++) this.#add(owed[this.#seen[index]!]!)
    }
    if (this.#owedBytes <= this.#queuedBytesMax) return undefined
    const { held } = run.server.statistics()
    const bytesMax = this.#bytesMax(ledger)
    if (held.total <= bytesMax) return undefined
    const bytes = `${held.total} bytes are held, more than ${bytesMax}`
    return { clause: 'R5.4', message: `${bytes}: ${JSON.stringify(held)}; ${run.outcome().waits}` }
  }

  #add({ from, to, step, messages, bytes: { length } }: Delivery): void {
    this.#owedBytes += Math.max(PIECE_BYTES_MIN, length)
    if (from === undefined) {
      this.#uncausedBytes += Math.max(PIECE_BYTES_MIN, ROUNDING * length)
      return
    }
    const last = this.#caused[to]!.get(from)
    const stepBytes = length + (last?.step === step ? last.stepBytes : 0)
    this.#caused[to]!.set(from, {
      step,
      stepBytes,
      stepBytesMost: Math.max(stepBytes, last?.stepBytesMost ?? 0),
      largest: Math.max(length / messages, last?.largest ?? 0),
    })
  }

  #bytesMax(ledger: OutboxLedger): number {
    // Whoever has caused nothing yet holds its unfinished message and no more.
    const causing = new Set(this.#caused.flatMap((causes) => [...causes.keys()]))
    const held = ledger.accounts.map((account) => ledger.heldBytes(account))
    let sum = this.#uncausedBytes + held.reduce((all, bytes, index) => all + (causing.has(index) ? 0 : bytes), 0)
    for (const causes of this.#caused) {
      if (causes.size > 0) sum += this.#queuedBytesMax + this.#slabBytes
      for (const [from, { stepBytesMost, largest }] of causes) {
        sum += Math.max(this.#readBytes, stepBytesMost - largest)
        sum += Math.max(PIECE_BYTES_MIN, ROUNDING * largest, held[from]!)
      }
    }
    return sum
  }
}
