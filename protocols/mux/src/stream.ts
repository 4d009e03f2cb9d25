import type { ClientId } from '@switchyard/core'

const NOTHING = new Uint8Array(0)

/** One stream of a trunk: its windows, and what waits for the peer's. Knows no frames. */
export class Stream {
  readonly id: number
  /** The client that is its local end. Undefined: it echoes, or waits for an acceptor. */
  local: ClientId | undefined
  /** Of what came before there was a local end: at most a window. */
  earlyBytes = 0
  /** Bytes that the peer may still send. */
  receiveWindow: number
  /** Bytes that may still be sent to the peer. */
  sendWindow: number
  /** This end has opened it, and the peer has not taken it yet. */
  opening = false
  finReceived = false
  /** Our FIN goes out behind what is pending. */
  finishing = false
  finSent = false
  /** Is in the trunk's queue of those that have something to send. */
  ready = false
  #early: Uint8Array[] = []
  #pending: Uint8Array[] = []
  #pendingBytes = 0

  constructor(id: number, local: ClientId | undefined, windowBytes: number) {
    this.id = id
    this.local = local
    this.receiveWindow = windowBytes
    this.sendWindow = windowBytes
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Something can be sent now. */
  get sendable(): boolean {
    return this.#pendingBytes > 0 ? this.sendWindow > 0 : this.finishing && !this.finSent
  }

  get over(): boolean {
    return this.finReceived && this.finSent
  }

  /** Until there is a local end. `bytes` are the stream's from now on. */
  keepEarly(bytes: Uint8Array): void {
    this.#early.push(bytes)
    this.earlyBytes += bytes.length
  }

  takeEarly(): readonly Uint8Array[] {
    this.earlyBytes = 0
    return this.#early.splice(0)
  }

  /** For the peer. `bytes` are the stream's from now on. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
  }

  /** Pending bytes that lie in one piece. */
  get pieceBytes(): number {
    return this.#pending[0]?.length ?? 0
  }

  /** Takes the first `count` pending bytes without a copy; they lie in one piece. */
  takePiece(count: number): Uint8Array {
    const first = this.#pending[0] ?? NOTHING
    this.#pendingBytes -= count
    this.sendWindow -= count
    if (count < first.length) this.#pending[0] = first.subarray(count)
    else this.#pending.shift()
    return count < first.length ? first.subarray(0, count) : first
  }

  /** Copies the first `count` pending bytes to `target` from `at` on. */
  take(count: number, target: Uint8Array, at: number): void {
    for (let left = count; left > 0;) {
      const piece = this.takePiece(Math.min(left, this.pieceBytes))
      target.set(piece, at + count - left)
      left -= piece.length
    }
  }
}
