import type { Event, RunView, Violation } from '@switchyard/sim'
import type { Invariant, Model } from './model.ts'
import { nameOf } from './model.ts'

/**
 * G2 and G4: while clients are stalled, and nothing is left to happen, whoever sent nothing to them has been read from (G4), and
 * all that it sent to clients that read has come (G2). And nobody who is gone is held back for them; what it sent may still be
 * on its way, and wait at a lock, a channel or a reader.
 */
export class Isolation implements Invariant {
  rest({ ledger, readings }: Model, { clients, server, shutdown }: RunView): Violation | undefined {
    if (shutdown !== 'no') return undefined
    for (const { who, what } of server.waits.edges()) {
      if (what.kind !== 'room' && what.kind !== 'memory') continue
      const waiting = ledger.accounts.find(({ id }) => who.kind === 'client' && id === who.id)
      if (!waiting || !clients[waiting.index]!.link.gone) continue
      return { clause: 'G4', message: `client ${waiting.index} is gone, and still it waits` }
    }
    const stalled = clients.filter(({ stalled: stands, link }) => stands && !link.gone)
    if (stalled.length === 0) return undefined
    const names = stalled.map(({ index }) => `client ${index}`).join(' and ')
    const innocent = ledger.accounts.filter(
      (account) => !account.reset && stalled.every(({ index }) => account.sentTo[index] === 0),
    )
    for (const { index, sent, processed, cutOff, closed } of innocent) {
      if (sent === processed || cutOff || closed || clients[index]!.link.gone) continue
      const message = `${names} read nothing, client ${index} sent nothing to them, and ${sent - processed} of its bytes wait`
      return { clause: 'G4', message }
    }
    for (const { index, stalled: stands, link } of clients) {
      // The server may not have noticed a reset yet (R4.2): whoever has reset reads nothing either.
      const reads = !stands && !link.gone && !ledger.account(index).reset
      const missing = reads ? readings[index]!.missing() : undefined
      if (!missing || !innocent.some((account) => account.index === missing.from)) continue
      return { clause: 'G2', message: `${names} read nothing, and for that ${nameOf(missing)} does not come` }
    }
    return undefined
  }
}

/** G9, in a group that is offered what its members say: whoever reads hears all of it, and is heard, while others read nothing. */
export class LagsAlone implements Invariant {
  rest({ ledger, readings }: Model, { clients, shutdown }: RunView): Violation | undefined {
    if (shutdown !== 'no') return undefined
    const stalled = clients.filter(({ stalled: stands, link }) => stands && !link.gone)
    if (stalled.length === 0) return undefined
    const names = stalled.map(({ index }) => `client ${index}`).join(' and ')
    for (const { index, stalled: stands, link } of clients) {
      const { reset, cutOff, closed, sent, processed } = ledger.account(index)
      if (stands || link.gone || reset || cutOff || closed) continue
      const missing = readings[index]!.missing()
      if (missing)
        return { clause: 'G9', message: `${names} read nothing, and for that ${nameOf(missing)} does not come` }
      if (sent === processed) continue
      return {
        clause: 'G9',
        message: `${names} read nothing, and for that ${sent - processed} bytes of client ${index} wait`,
      }
    }
    return undefined
  }
}

/**
 * G10, where a client that is told nothing for `beatMs` is to be told something: while others read nothing, whoever reads is told it
 * by then, or at the same moment.
 */
export class KeepsTime implements Invariant {
  readonly #beatMs: number
  readonly #told: number[] = []

  constructor(beatMs: number) {
    this.#beatMs = beatMs
  }

  after(event: Event, _: Model, { now }: RunView): Violation | undefined {
    if (event.kind === 'read' && event.bytes.length > 0) this.#told[event.client] = now
    return undefined
  }

  rest({ ledger }: Model, { clients, shutdown, now }: RunView): Violation | undefined {
    if (shutdown !== 'no' || !clients.some(({ stalled, link }) => stalled && !link.gone)) return undefined
    for (const { index, stalled, link } of clients) {
      const { reset, fin, cutOff, closed } = ledger.account(index)
      if (stalled || link.gone || reset || fin !== 'no' || cutOff || closed) continue
      const silentMs = now - (this.#told[index] ?? now)
      if (silentMs < this.#beatMs) continue
      const message = `while another client reads nothing, client ${index} is told nothing for ${silentMs} ms`
      return { clause: 'G10', message }
    }
    return undefined
  }
}

/** So much had been read of a client. */
interface ReadOf {
  readonly index: number
  readonly delivered: number
}

/**
 * G11, in a world with a disk where everybody reads and no queue is small: what two clients or more had sent, and the server had read and had a turn for, when
 * one commit ended is decided when the next one ends.
 */
export class GroupsCommits implements Invariant {
  /** When the last turn ended. */
  #read: readonly ReadOf[] = []
  #waiting: readonly ReadOf[] = []

  after({ kind }: Event, { ledger }: Model, { shutdown }: RunView): Violation | undefined {
    if (kind === 'turn') this.#read = ledger.accounts.map(({ index, delivered }) => ({ index, delivered }))
    if (kind !== 'sync' || shutdown !== 'no') return undefined
    const left = this.#waiting.filter(({ index, delivered }) => {
      const { processed, reset, cutOff, closed } = ledger.account(index)
      return processed < delivered && !reset && !cutOff && !closed
    })
    const waiting = this.#read.filter(({ index, delivered }) => delivered > ledger.account(index).processed)
    this.#waiting = waiting.length < 2 ? [] : waiting
    if (left.length === 0) return undefined
    const names = left.map(({ index }) => `client ${index}`).join(' and ')
    return {
      clause: 'G11',
      message: `two clients or more waited when a commit ended, and the next one was not for ${names}`,
    }
  }
}

/**
 * G5: what a client has sent is handled within `turns` turns. Those count in which all that was written had been accepted, so
 * that it is not destinations that are slow; and the client's bytes were in the server, or it did not ask for them.
 */
export class Served implements Invariant {
  readonly #turns: number
  readonly #waited: number[] = []
  readonly #processed: number[] = []
  /** The most that anybody waited, in turns. */
  longest = 0

  constructor(turns: number) {
    this.#turns = turns
  }

  after({ kind }: Event, { ledger }: Model, { clients, shutdown }: RunView): Violation | undefined {
    if (kind !== 'turn' || shutdown !== 'no') return undefined
    if (clients.some(({ link }) => link.pending > 0 && !link.gone)) return undefined
    for (const { index, sent, processed, reset, cutOff, closed } of ledger.accounts) {
      const { link } = clients[index]!
      const served = processed !== this.#processed[index] || sent === processed
      this.#processed[index] = processed
      if (served || reset || cutOff || closed || link.arrival !== 'none') {
        this.#waited[index] = 0
        continue
      }
      const waited = (this.#waited[index] ?? 0) + 1
      this.#waited[index] = waited
      this.longest = Math.max(this.longest, waited)
      if (waited <= this.#turns) continue
      return {
        clause: 'G5',
        message: `${sent - processed} bytes of client ${index} have not been handled for ${waited} turns`,
      }
    }
    return undefined
  }
}
