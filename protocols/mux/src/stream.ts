import type { ClientId } from '@switchyard/core'

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

  /** Takes a copy, until there is a local end. */
  keepEarly(bytes: Uint8Array): void {
    this.#early.push(new Uint8Array(bytes))
    this.earlyBytes += bytes.length
  }

  takeEarly(): readonly Uint8Array[] {
    this.earlyBytes = 0
    return this.#early.splice(0)
  }

  /** Takes a copy. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#pending.push(new Uint8Array(bytes))
    this.#pendingBytes += bytes.length
  }

  /** Fills as much of `target` as it is long; there is as much pending. */
  take(target: Uint8Array): void {
    let filled = 0
    for (let first = this.#pending[0]; first && filled < target.length; first = this.#pending[0]) {
      const count = Math.min(first.length, target.length - filled)
      target.set(first.subarray(0, count), filled)
      filled += count
      if (count < first.length) this.#pending[0] = first.subarray(count)
      else this.#pending.shift()
    }
    this.#pendingBytes -= filled
    this.sendWindow -= filled
  }
}
