import type { RunView, Violation } from '@switchyard/sim'
import type { Account, Invariant, Model } from '@switchyard/simulated'
import { ALIVE2_RESP, ALIVE2_X_RESP, found } from '../message.ts'
import type { EpmdSay } from './speech.ts'

/**
 * Each name has one holder, from the answer that gives it until its connection ends (D2.2, D2.3, D2.4); and a name is found only while
 * it has one (D3.1). Reads the answers in the outbox, and what each client has asked for.
 */
export class Holders implements Invariant<Model['ledger'], EpmdSay> {
  /** How many of each client's answers have been looked at. */
  readonly #seen: number[] = []
  #held: ReadonlySet<string> = new Set()

  after(_: unknown, { ledger: { accounts } }: Model, { world }: RunView<EpmdSay>): Violation | undefined {
    const held = new Set<string>()
    /** What had a holder at some time during this event. */
    const known = new Set(this.#held)
    const asked: { readonly client: number; readonly name: string }[] = []
    for (const account of accounts) {
      const { index, owed } = account
      const { kind, name = '' } = firstOf(world.clients[index]) ?? {}
      const news = owed.slice(this.#seen[index] ?? 0)
      this.#seen[index] = owed.length
      if (kind === 'port' && news.some(({ bytes }) => bytes.length === found(name).length)) {
        asked.push({ client: index, name })
      }
      if (kind !== 'register') continue
      if (news.some(({ bytes }) => isAccepted(bytes))) known.add(name)
      if (!isOpen(account) || !owed.some(({ bytes }) => isAccepted(bytes))) continue
      if (held.has(name)) return { clause: 'D2.4', message: `${name} is registered by two clients that are connected` }
      held.add(name)
    }
    this.#held = held
    const unfounded = asked.find(({ name }) => !known.has(name))
    if (!unfounded) return undefined
    const { client, name } = unfounded
    return { clause: 'D3.1', message: `client ${client} is told where ${name} listens, which no client holds` }
  }
}

function firstOf(moves: RunView<EpmdSay>['world']['clients'][number] = []): EpmdSay | undefined {
  return moves.flatMap((move) => (move.kind === 'say' ? [move.say] : [])).at(0)
}

function isAccepted([code, result]: Uint8Array): boolean {
  return (code === ALIVE2_RESP || code === ALIVE2_X_RESP) && result === 0
}

function isOpen({ state, closed, cutOff }: Account): boolean {
  return state === 'joined' && !closed && cutOff === undefined
}
