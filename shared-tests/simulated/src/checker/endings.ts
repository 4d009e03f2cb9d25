import type { AbortReason } from '@switchyard/core'
import type { ClientView, RunView, Violation } from '@switchyard/sim'
import type { Account, Accounts, Model, Reading } from './model.ts'
import { nameOf } from './model.ts'

/** What is known of one client's connection, as time goes by. */
interface Life {
  readonly account: Account
  readonly client: ClientView
  readonly reading: Reading
  /** Since when something has been pending for it; and of that, since when nothing was accepted. */
  pendingSince: number | undefined
  idleSince: number | undefined
  /** It was stalled while time passed in a shutdown: from then on the server may end it at any moment. */
  overtaken: boolean
  /** Why the server was right to abort it. */
  aborted: AbortReason | undefined
}

/** Sections 4 and 5: who may be ended, when, and what is owed by then. */
export class Endings {
  readonly #run: RunView
  readonly #ledger: Accounts
  readonly #lives: readonly Life[]
  #shutdownAt: number | undefined

  constructor(run: RunView, { ledger, readings }: Model) {
    this.#run = run
    this.#ledger = ledger
    this.#lives = run.clients.map((client, i) => ({
      account: ledger.account(i),
      client,
      reading: readings[i]!,
      pendingSince: undefined,
      idleSince: undefined,
      overtaken: false,
      aborted: undefined,
    }))
  }

  get #now(): number {
    return this.#run.now
  }

  shutdown(): void {
    this.#shutdownAt = this.#now
  }

  accepted(client: number): void {
    this.#lives[client]!.idleSince = undefined
  }

  /** Time may move on: since when has what is pending been so? To be called whenever it can. */
  look(): void {
    const now = this.#now
    for (const life of this.#lives) {
      const pending = life.client.link.pending > 0 && !life.client.link.gone
      life.pendingSince = pending ? (life.pendingSince ?? now) : undefined
      life.idleSince = pending ? (life.idleSince ?? now) : undefined
    }
  }

  /** Time has moved: deadlines may have passed. */
  time(): Violation | undefined {
    for (const life of this.#lives) {
      if (this.#shutdownAt !== undefined && life.client.stalled) life.overtaken = true
      const wrong = this.#judgeReset(life)
      if (wrong) return wrong
    }
    return undefined
  }

  /** Nothing moves before time does: whatever is due by now has happened, or never will. */
  rest(): Violation | undefined {
    const { writeDeadlineMs, graceMs } = this.#ledger.limits
    const now = this.#now
    this.look()
    for (const life of this.#lives) {
      if (life.idleSince !== undefined && now > life.idleSince + writeDeadlineMs) return overdue(life, now)
    }
    if (this.#shutdownAt === undefined || this.#run.shutdown === 'done') return undefined
    return now > this.#shutdownAt + graceMs ? this.#endless(now) : undefined
  }

  /** The client has read the end of its connection. */
  ended(client: number): Violation | undefined {
    const life = this.#lives[client]!
    if (life.client.end === 'reset') return this.#judgeReset(life)
    const { account, reading } = life
    const refused = account.id === undefined && this.#mayRefuse
    const shutdown = this.#shutdownAt !== undefined
    if ((account.fin === 'no' || account.cutOff) && !shutdown && !account.closed) {
      life.aborted ??= this.#reasonFor(life) // An abort may end in FIN, too (section 4).
      if (life.aborted) return undefined
    }
    const clause = shutdown ? 'R4.3' : account.fin === 'no' ? this.#innocent(account) : 'R4.1'
    if (reading.unfinishedBytes > 0) {
      const bytes = `${reading.unfinishedBytes} bytes of a message`
      return { clause, message: `client ${client} received ${bytes}, and then FIN` }
    }
    if (account.fin === 'no' && !shutdown && !refused && !account.closed) {
      return { clause, message: `client ${client} received FIN, and had done nothing to end its connection` }
    }
    return this.#judgeMissing(life, clause)
  }

  /** Whether connections or ids can run out in this world (R5.2, R2.1). */
  get #mayRefuse(): boolean {
    const { connectionsMax, idsMax } = this.#ledger.limits
    return Math.min(connectionsMax, idsMax) < this.#lives.length
  }

  /** Nothing moves any more, not even with time. */
  end(): Violation | undefined {
    for (const life of this.#lives) {
      const wrong = life.client.connected ? this.#judgeEnd(life) : undefined
      if (wrong) return wrong
    }
    return this.#shutdownAt !== undefined && this.#run.shutdown !== 'done' ? this.#endless(this.#now) : undefined
  }

  /** Why the server was right to end this client's connection; undefined where it was not, or has not. */
  reasonOf(client: number): AbortReason | undefined {
    return this.#lives[client]!.aborted
  }

  #judgeEnd(life: Life): Violation | undefined {
    const { account, client } = life
    const { index, link } = client
    if (link.gone && account.state === 'joined') {
      return {
        clause: 'R4.2',
        message: `client ${index} is gone, and the protocol was never told that it is disconnected`,
      }
    }
    if (account.reset) {
      if (link.gone) return undefined
      return { clause: 'R4.2', message: `client ${index} has reset its connection, and the server never noticed` }
    }
    const wrong = this.#judgeReset(life)
    if (wrong || link.end === 'reset' || life.aborted) return wrong
    if (link.pending > 0) return overdue(life, this.#now)
    if (account.cutOff) {
      if (link.gone) return undefined
      return { clause: 'R5.1', message: `client ${index} was to be ended for "${account.cutOff}", and was not` }
    }
    if (this.#shutdownAt === undefined && !account.closed) {
      const unread = account.sent - account.processed
      if (unread > 0) {
        const clause = account.fin === 'delivered' ? 'R4.1' : 'R3.4'
        return {
          clause,
          message: `${unread} of the ${account.sent} bytes that client ${index} sent were never handled`,
        }
      }
      if (account.fin === 'sent') {
        return { clause: 'R4.1', message: `the server never read the FIN of client ${index}` }
      }
    }
    if (client.stalled) return undefined
    const missing = this.#judgeMissing(life, 'R3.4')
    if (missing || client.end !== undefined) return missing
    if (account.fin !== 'no' || account.closed) {
      const why = account.closed ? 'was to be closed' : 'has sent FIN'
      return { clause: 'R4.1', message: `client ${index} ${why}, and its connection never was` }
    }
    if (this.#shutdownAt === undefined) return undefined
    return {
      clause: 'R4.3',
      message: `the server has shut down, and the connection of client ${index} was never closed`,
    }
  }

  #judgeMissing({ account, reading }: Life, clause: string): Violation | undefined {
    const missing = reading.missing()
    if (!missing) return undefined
    return { clause, message: `client ${account.index} reads, and never received ${nameOf(missing)}` }
  }

  /** Whether a connection that was reset, if it was, was rightly so. */
  #judgeReset(life: Life): Violation | undefined {
    const { account, client } = life
    if (client.link.end !== 'reset' || account.reset || life.aborted) return undefined
    life.aborted = this.#reasonFor(life)
    if (life.aborted) return undefined
    const message = `the server reset the connection of client ${client.index}, which had given it no reason`
    return { clause: client.stalled ? 'R5.3' : this.#innocent(account), message }
  }

  #reasonFor({ account, client, reading, pendingSince, overtaken }: Life): AbortReason | undefined {
    const { limits } = this.#ledger
    const now = this.#now
    if (account.cutOff) return account.cutOff
    if (pendingSince !== undefined && now >= pendingSince + limits.writeDeadlineMs) return 'write-deadline'
    if (this.#run.world.limits.heldBytesMax !== undefined && this.#ledger.isInMessage(account)) return 'held-bytes'
    if (this.#shutdownAt === undefined) return undefined
    const ms = now - this.#shutdownAt
    // After a quarter of the grace, a write that is not accepted at once ends even a client that reads (R4.3).
    const hurried = ms >= limits.graceMs / 4 && (client.stalled || !reading.complete)
    return hurried || overtaken || ms >= limits.graceMs ? 'shutdown-deadline' : undefined
  }

  /** The clause that is broken when somebody who did nothing wrong is ended. */
  #innocent(account: Account): string {
    if (this.#ledger.accounts.some(({ reset }) => reset)) return 'R4.2'
    return account.dropped > 0 ? 'R3.7' : 'R3.4'
  }

  #endless(now: number): Violation {
    const ms = now - (this.#shutdownAt ?? 0)
    const { graceMs } = this.#ledger.limits
    const { waits } = this.#run.outcome()
    return {
      clause: 'R4.3',
      message: `${ms} ms after shutdown began it has not ended (graceMs is ${graceMs}): ${waits}`,
    }
  }
}

function overdue({ client, idleSince = 0 }: Life, now: number): Violation {
  const message = `of what is pending for client ${client.index} nothing was accepted for ${now - idleSince} ms, and it was not aborted`
  return { clause: 'R5.3', message }
}
