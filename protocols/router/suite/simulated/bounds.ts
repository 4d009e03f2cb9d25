import { READ_BYTES } from '@switchyard/core'
import type { Event, RunView, Violation, World } from '@switchyard/sim'
import type { RouterSay } from './speech.ts'
import { ID_BYTES } from '../client/message.ts'
import type { Invariant, Model } from '@switchyard/simulated'

/** What holding one message can cost beside its bytes: memory comes in pieces that it need not fill. */
const ROUNDING = 2
/** The same for short ones, bytes. */
const PIECE_BYTES_MIN = 64

/**
 * R5.4, after every event that can add to what is held. One read is taken to be what the world's receive buffer can hold,
 * if that is less than 64 KiB, so that a small world can show an unbounded queue. Looks only in worlds with more bytes
 * than the bound.
 */
export class Bounds implements Invariant {
  readonly #bytesMax: number
  readonly #reachable: boolean

  constructor(world: World<RouterSay>, queuedBytesMax: number) {
    const sends = world.clients.flatMap((moves, from) =>
      moves.flatMap((move) => (move.kind === 'say' ? [{ ...move.say, from }] : [])),
    )
    const readBytes = Math.min(READ_BYTES, world.buffers.receiveBytes)
    let bytesMax = 0
    for (const to of new Set(sends.map((send) => send.to))) {
      bytesMax += queuedBytesMax
      for (const from of new Set(sends.filter((send) => send.to === to).map((send) => send.from))) {
        const own = sends.filter((send) => send.from === from).map(({ body }) => body.length + ID_BYTES + 1)
        bytesMax += readBytes + Math.max(PIECE_BYTES_MIN, ROUNDING * Math.max(...own))
      }
    }
    this.#bytesMax = bytesMax
    this.#reachable = sends.reduce((sum, { body }) => sum + PIECE_BYTES_MIN + body.length, 0) > bytesMax
  }

  after({ kind }: Event, _: Model, run: RunView): Violation | undefined {
    if (!this.#reachable || (kind !== 'deliver' && kind !== 'turn')) return undefined
    const { held } = run.server.statistics()
    if (held.total <= this.#bytesMax) return undefined
    const bytes = `${held.total} bytes are held, more than ${this.#bytesMax}`
    return { clause: 'R5.4', message: `${bytes}: ${JSON.stringify(held)}; ${run.outcome().waits}` }
  }
}
