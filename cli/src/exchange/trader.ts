import type { Socket } from 'node:net'
import { cancel, enter, heardIn, login, packet, replace, SYMBOL } from '@switchyard/protocols/exchange/suite'
import type { Heard } from '@switchyard/protocols/exchange/suite'
import { Failure } from '../exit.ts'

export type Side = 'B' | 'S'

export interface OpenOrder {
  readonly token: string
  readonly side: Side
  /** In ten-thousandths. */
  readonly price: number
  readonly shares: number
}

/** What an exchange tells an account, or whoever watches. */
export type Told =
  | { readonly kind: 'accepted'; readonly order: OpenOrder }
  | { readonly kind: 'replaced'; readonly previous: string; readonly order: OpenOrder }
  | { readonly kind: 'executed'; readonly order: OpenOrder; readonly shares: number; readonly price: number }
  | { readonly kind: 'cancelled'; readonly order: OpenOrder; readonly shares: number; readonly why: string }
  | { readonly kind: 'rejected'; readonly token: string; readonly why: string }
  | { readonly kind: 'top'; readonly bid: Level; readonly ask: Level }
  | { readonly kind: 'day-ended' }

export interface Level {
  /** 0: there is none. */
  readonly price: number
  readonly shares: number
}

const HEARTBEAT_MS = 1_000
/** An order that is not executed at once is cancelled. */
const AT_ONCE = 0

/** An account's session: its open orders, by what it was told since the number that it logged in with. */
export class Trader {
  readonly account: string
  readonly open: Map<string, OpenOrder> = new Map()
  readonly #socket: Socket
  readonly #heartbeat: NodeJS.Timeout
  #told: ((told: Told) => void) | undefined
  #loggedIn: ((refused: Failure | undefined) => void) | undefined
  #rest: Uint8Array = new Uint8Array(0)
  #early: Told[] = []

  private constructor(socket: Socket, account: string) {
    this.#socket = socket
    this.account = account
    this.#heartbeat = setInterval(() => this.#send(packet('R')), HEARTBEAT_MS)
    socket.on('data', (chunk: Uint8Array) => this.#heard(chunk))
    socket.on('close', () => {
      clearInterval(this.#heartbeat)
      this.#answered(new Failure(`The exchange has closed the connection of ${account}.`))
    })
  }

  /** `sequence` is the number of the first message that it wants: 1 for all of the day, 0 for only new ones. Throws Failure if refused. */
  static async logIn(socket: Socket, account: string, sequence: number): Promise<Trader> {
    const trader = new Trader(socket, account)
    const answer = new Promise<Failure | undefined>((resolve) => (trader.#loggedIn = resolve))
    trader.#send(login(account, passwordOf(account), '', sequence))
    const refused = await answer
    if (!refused) return trader
    socket.destroy()
    throw refused
  }

  /** What it is told from now on, and has been since it logged in. */
  listen(told: (told: Told) => void): void {
    this.#told = told
    for (const each of this.#early.splice(0)) told(each)
  }

  /** `rests`: what is not executed at once stays in the book. */
  enter({ token, side, shares, price }: OpenOrder, rests: boolean): void {
    this.#command(enter(token, { side, shares, price, ...(!rests && { timeInForce: AT_ONCE }) }))
  }

  replace(existing: string, { token, shares, price }: Pick<OpenOrder, 'token' | 'shares' | 'price'>): void {
    this.#command(replace(existing, token, { shares, price }))
  }

  cancel(token: string): void {
    this.#command(cancel(token))
  }

  logOut(): void {
    if (this.#socket.writable) this.#socket.end(packet('O'))
  }

  #command(bytes: Uint8Array): void {
    this.#send(packet('U', bytes))
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  #answered(refused: Failure | undefined): void {
    this.#loggedIn?.(refused)
    this.#loggedIn = undefined
  }

  #heard(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    for (let end; at + 2 <= bytes.length && (end = at + 2 + view.getUint16(at)) <= bytes.length; at = end) {
      this.#packet(bytes.subarray(at + 2, end))
    }
    this.#rest = bytes.subarray(at)
  }

  #packet(bytes: Uint8Array): void {
    switch (String.fromCharCode(bytes[0] ?? 0)) {
      case 'A':
        return this.#answered(undefined)
      case 'J':
        return this.#answered(
          new Failure(
            `The exchange refuses account ${this.account}: the name or the password is wrong, or it had too many failures. ` +
              `The password is read from ${variableOf(this.account)}.`,
          ),
        )
      case 'S':
      case 'U': {
        const told = this.#toldIn(heardIn(bytes))
        if (told) this.#tell(told)
        return
      }
      case 'Z':
        return this.#tell({ kind: 'day-ended' })
      default: // A heartbeat.
    }
  }

  #tell(told: Told): void {
    if (this.#told) this.#told(told)
    else this.#early.push(told)
  }

  /** Keeps `open` as it says. Undefined for what says nothing of an order that is known. */
  #toldIn({ words }: Heard): Told | undefined {
    const [type = '', token = '', ...rest] = words.split(' ')
    switch (type) {
      case 'A': {
        const order = this.#enter(token, rest)
        return order && { kind: 'accepted', order }
      }
      case 'U': {
        const [previous = '', by = ''] = token.split('>')
        this.open.delete(previous)
        const order = this.#enter(by, rest)
        return order && { kind: 'replaced', previous, order }
      }
      case 'E': {
        const { shares, price } = amountIn(rest[0])
        const order = this.#lessen(token, shares)
        return order && { kind: 'executed', order, shares, price }
      }
      case 'C': {
        const [shares = '', why = ''] = rest
        const order = this.#lessen(token, Number(shares))
        return order && { kind: 'cancelled', order, shares: Number(shares), why }
      }
      case 'J':
        return { kind: 'rejected', token, why: rest[0] ?? '' }
      case 'T':
        return token === SYMBOL ? { kind: 'top', bid: amountIn(rest[0]), ask: amountIn(rest[1]) } : undefined
      default:
        return undefined
    }
  }

  #enter(token: string, [side, amount]: readonly string[]): OpenOrder | undefined {
    if (side !== 'B' && side !== 'S') return undefined
    const order: OpenOrder = { token, side, ...amountIn(amount) }
    this.open.set(token, order)
    return order
  }

  /** Returns the order as it is after that. */
  #lessen(token: string, shares: number): OpenOrder | undefined {
    const order = this.open.get(token)
    if (!order) return undefined
    const left = { ...order, shares: order.shares - shares }
    if (left.shares > 0) this.open.set(token, left)
    else this.open.delete(token)
    return left
  }
}

/** `100@9000`. */
function amountIn(text = ''): Level {
  const [shares, price] = text.split('@').map(Number)
  return { shares: shares ?? 0, price: price ?? 0 }
}

/** Tokens that no other client of this account has used today. */
export function* tokens(): Generator<string, never> {
  const mark = (Date.now() % 36 ** 6).toString(36)
  for (let number = 0; ; number++) yield `${mark}${number.toString(36)}`
}

function variableOf(account: string): string {
  return `SWITCHYARD_PASSWORD_${account.toUpperCase()}`
}

/** From the environment, since arguments can be seen by everybody; else as the accounts have it that are there to try an exchange with. */
function passwordOf(account: string): string {
  return process.env[variableOf(account)] ?? `pw${account}`
}
