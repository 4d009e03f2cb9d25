import type { RunView, Violation } from '@switchyard/sim'
import { dump } from '@switchyard/conformance/portable'
import { ID_BYTES, readId } from '../client/message.ts'
import type { Message, RouterLedger } from './ledger.ts'
import type { Reading } from '@switchyard/simulated'
import { beginsWith, mismatch } from './mismatch.ts'
import type { Counts } from './mismatch.ts'

const NUL = 0
const NOTHING = new Uint8Array(0)

/**
 * What one client has read: its id, then whole messages, each the next one of some sender to it. Bodies may be alike, so
 * that nobody can tell whose message came; then every answer is followed that the rest of the stream does not rule out.
 */
export class RouterReading implements Reading {
  readonly #ledger: RouterLedger
  readonly #client: number
  readonly #id: number[] = []
  #unfinished: Uint8Array = NOTHING
  #answers: readonly Counts[]

  constructor(ledger: RouterLedger, client: number) {
    this.#ledger = ledger
    this.#client = client
    this.#answers = [ledger.accounts.map(() => 0)]
  }

  /** How many bytes have come of an id or a message that is not complete. */
  get unfinishedBytes(): number {
    return this.#id.length < ID_BYTES ? this.#id.length : this.#unfinished.length
  }

  get complete(): boolean {
    return this.#hasId && this.missing() === undefined
  }

  get #hasId(): boolean {
    return this.#id.length === ID_BYTES
  }

  read(bytes: Uint8Array, run: RunView): Violation | undefined {
    return admitted(this.#read(bytes), run)
  }

  #read(bytes: Uint8Array): Violation | undefined {
    let start = 0
    if (!this.#hasId) {
      while (start < bytes.length && !this.#hasId) this.#id.push(bytes[start++]!)
      const wrong = this.#hasId ? this.#judgeId() : undefined
      if (wrong) return wrong
    }
    while (start < bytes.length) {
      const nul = bytes.indexOf(NUL, start)
      const end = nul === -1 ? bytes.length : nul + 1
      const part = join(this.#unfinished, bytes.subarray(start, end))
      const wrong = nul === -1 ? this.#judgePart(part) : this.#judgeWhole(part)
      if (wrong) return wrong
      this.#unfinished = nul === -1 ? part : NOTHING
      start = end
    }
    return undefined
  }

  /** The first message that was decided for this client and has not come. */
  missing(): Message | undefined {
    const owed = this.#ledger.owedTo(this.#client)
    // Every answer has the same number of messages in all; so if one of them lacks something, each does.
    const [counts = []] = this.#answers
    if (owed.length === counts.reduce((sum, count) => sum + count, 0)) return undefined
    return owed.find((message) => message.place >= counts[message.from]!)
  }

  #judgeId(): Violation | undefined {
    const received = readId(Uint8Array.from(this.#id))
    const { id } = this.#ledger.account(this.#client)
    if (received === id) return undefined
    const other = this.#ledger.accounts.find((account) => account.id === received)
    if (other) {
      return { clause: 'R2.1', message: `client ${this.#client} received the id of client ${other.index}, ${received}` }
    }
    const first = dump(Uint8Array.from(this.#id))
    return { clause: 'R1.2', message: `client ${this.#client} received first ${first}, which is not its id, ${id}` }
  }

  #judgeWhole(bytes: Uint8Array): Violation | undefined {
    const answers: Counts[] = []
    for (const answer of this.#answers) {
      for (const [sender, count] of answer.entries()) {
        if (!this.#isNext(sender, count, bytes)) continue
        const longer = answer.with(sender, count + 1)
        if (!answers.some((each) => each.every((value, i) => value === longer[i]))) answers.push(longer)
      }
    }
    if (answers.length === 0) return mismatch(this.#ledger, this.#client, this.#answers[0] ?? [], bytes)
    this.#answers = answers
    return undefined
  }

  #judgePart(bytes: Uint8Array): Violation | undefined {
    for (const answer of this.#answers) {
      for (const [sender, count] of answer.entries()) if (this.#isNext(sender, count, bytes)) return undefined
    }
    return mismatch(this.#ledger, this.#client, this.#answers[0] ?? [], bytes)
  }

  #isNext(sender: number, count: number, bytes: Uint8Array): boolean {
    const next = this.#ledger.messagesTo(sender, this.#client)[count]
    return next?.fate === 'decided' && beginsWith(next.bytes, bytes)
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}

/** A message that is missing may come late (R3.2) or never (R3.4): never, where the server says itself that it drops some. */
function admitted(violation: Violation | undefined, { server }: RunView): Violation | undefined {
  if (violation?.clause !== 'R3.2') return violation
  const { sends } = server.statistics().drops['mailbox-full']
  return sends === 0 ? violation : { clause: 'R3.4', message: `${violation.message}; ${sends} messages were dropped` }
}
