/** Trading on a terminal: a ladder that is drawn anew when something happens, at most ten times a second; or line by line in a script. */
import { createInterface, emitKeypressEvents } from 'node:readline'
import { SYMBOL } from '@switchyard/protocols/exchange/suite'
import { dial, ended } from '../address.ts'
import type { Address } from '../address.ts'
import { coloursFor } from '../colours.ts'
import { EXIT } from '../exit.ts'
import { dollars, render } from './screen.ts'
import { tokens, Trader } from './trader.ts'
import type { Level, OpenOrder, Side, Told } from './trader.ts'

export interface TradeFlags {
  readonly account: string
  /** An account that watches: without it the best prices are not known. */
  readonly watch?: string
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const TICK = 100
const FIRST_PRICE = 100_000
const LOT = 100
const SHARES_MAX = 999_999
const PRICE_MAX = 1_999_999_900
const NEWS_MAX = 200
const FRAME_MS = 100

/** Settles with the exit code when the session is over. */
export async function trade(address: Address, { account, watch }: TradeFlags): Promise<number> {
  const socket = await dial(address, 'exchange')
  const over = ended(socket)
  const trader = await Trader.logIn(socket, account, 1)
  const watching = watch === undefined ? undefined : await dial(address, 'exchange')
  try {
    const watcher = watching && (await Trader.logIn(watching, watch ?? '', 0))
    const { stdin, stdout } = process
    const desk = new Desk(trader)
    const client = stdin.isTTY && stdout.isTTY ? new Ladder(desk, stdin, stdout) : new Lines(desk, stdin)
    trader.listen((told) => client.told(desk.hear(told)))
    watcher?.listen((told) => client.told(desk.hear(told)))
    const leave = (): void => client.quit()
    for (const signal of SIGNALS) process.on(signal, leave)
    await over
    for (const signal of SIGNALS) process.off(signal, leave)
    const left = client.quitting
    client.end()
    if (left) return EXIT.passed
    process.stderr.write(
      'The exchange has closed the connection: it has stopped, or this account has logged in elsewhere.\n',
    )
    return EXIT.failed
  } finally {
    watching?.destroy()
    socket.destroy()
  }
}

/** What one account wants and has, whatever shows it. */
class Desk {
  readonly trader: Trader
  top: { readonly bid: Level; readonly ask: Level } | undefined
  bought = 0
  sold = 0
  cash = 0
  readonly #tokens = tokens()

  constructor(trader: Trader) {
    this.trader = trader
  }

  enter(side: Side, shares: number, price: number, rests = true): void {
    this.trader.enter({ token: this.#tokens.next().value, side, shares, price }, rests)
  }

  /** Cancels all, or those at one price. */
  cancel(price?: number): void {
    for (const order of this.trader.open.values())
      if (price === undefined || order.price === price) this.trader.cancel(order.token)
  }

  /** Returns a line for people; undefined where there is nothing to say. */
  hear(told: Told): string | undefined {
    switch (told.kind) {
      case 'accepted':
        return `${told.order.token} ${inWords(told.order)}`
      case 'replaced':
        return `${told.order.token} instead of ${told.previous}: ${inWords(told.order)}`
      case 'executed': {
        const { order, shares, price } = told
        if (order.side === 'B') this.bought += shares
        else this.sold += shares
        this.cash += (order.side === 'B' ? -1 : 1) * shares * price
        return `${order.token} ${order.side === 'B' ? 'bought' : 'sold'} ${shares} at ${dollars(price)}`
      }
      case 'cancelled':
        return `${told.order.token} cancelled ${told.shares}${WHY_CANCELLED[told.why] ?? ''}`
      case 'rejected':
        return `${told.token} rejected${WHY_REJECTED[told.why] ?? ''}`
      case 'top':
        this.top = told
        return undefined
      case 'day-ended':
        return 'the day has ended'
    }
  }
}

const WHY_CANCELLED: Readonly<Record<string, string>> = {
  I: ': nobody was there to take it from',
  S: ': its session had ended',
  Q: ': it would have met an order of its own account',
}
const WHY_REJECTED: Readonly<Record<string, string>> = {
  S: ': no such stock',
  X: ': no such price',
  Z: ': no such number of shares',
  O: ': the book is full, or this account may not trade',
}

function inWords({ side, shares, price }: OpenOrder): string {
  return `${side === 'B' ? 'buys' : 'sells'} ${shares} at ${dollars(price)}`
}

/** The whole screen, and a key for each thing to do. */
class Ladder {
  quitting = false
  readonly #desk: Desk
  readonly #input: NodeJS.ReadStream
  readonly #output: NodeJS.WriteStream
  readonly #news: string[] = []
  #cursor = FIRST_PRICE
  #size = LOT
  #frame: NodeJS.Timeout | undefined
  /** The middle has been looked for: from then on the ladder stays where it is, until it is asked to move. */
  #centred = false

  constructor(desk: Desk, input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#desk = desk
    this.#input = input
    this.#output = output
    emitKeypressEvents(input)
    input.setRawMode(true).resume()
    input.on('keypress', this.#pressed).on('end', () => this.quit())
    output.on('resize', this.#changed)
    output.write('\u001b[?1049h\u001b[?25l')
    this.#draw()
  }

  told(line: string | undefined): void {
    if (line !== undefined) {
      this.#news.unshift(line)
      this.#news.length = Math.min(this.#news.length, NEWS_MAX)
    }
    if (!this.#centred && this.#desk.top) this.#toMiddle()
    this.#changed()
  }

  quit(): void {
    this.quitting = true
    this.#desk.trader.logOut()
  }

  /** The terminal is as it was. */
  end(): void {
    clearTimeout(this.#frame)
    this.#frame = undefined
    this.#output.off('resize', this.#changed)
    this.#input.off('keypress', this.#pressed)
    this.#output.write('\u001b[?25h\u001b[?1049l')
    if (this.#input.isTTY) this.#input.setRawMode(false)
    this.#input.pause()
  }

  readonly #pressed = (text: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }): void => {
    if (key.name === 'escape' || (key.ctrl && (key.name === 'c' || key.name === 'd'))) return this.quit()
    const step =
      key.name === 'up' ? 1 : key.name === 'down' ? -1 : key.name === 'pageup' ? 10 : key.name === 'pagedown' ? -10 : 0
    if (step !== 0) this.#cursor = Math.min(PRICE_MAX, Math.max(TICK, this.#cursor + step * TICK))
    switch (text) {
      case 'b':
        this.#desk.enter('B', this.#size, this.#cursor)
        break
      case 's':
        this.#desk.enter('S', this.#size, this.#cursor)
        break
      case 't':
        this.#take()
        break
      case 'x':
        this.#desk.cancel(this.#cursor)
        break
      case 'X':
        this.#desk.cancel()
        break
      case '+':
      case '=':
        this.#size = Math.min(SHARES_MAX, this.#size + LOT)
        break
      case '-':
        this.#size = Math.max(LOT, this.#size - LOT)
        break
      case 'm':
        this.#toMiddle()
        break
      case 'q':
        return this.quit()
      case undefined:
      default:
    }
    this.#changed()
  }

  /** From the best ask if it is at the cursor or below, else from the best bid if it is there or above. */
  #take(): void {
    const { top } = this.#desk
    if (top && top.ask.price > 0 && top.ask.price <= this.#cursor)
      this.#desk.enter('B', this.#size, this.#cursor, false)
    else if (top && top.bid.price >= this.#cursor) this.#desk.enter('S', this.#size, this.#cursor, false)
    else this.#news.unshift('nothing to take at that price')
  }

  #toMiddle(): void {
    const { bid, ask } = this.#desk.top ?? {}
    const best = [bid?.price ?? 0, ask?.price ?? 0].filter((price) => price > 0)
    if (best.length === 0) return
    this.#centred = true
    const middle = best.reduce((sum, price) => sum + price, 0) / best.length
    this.#cursor = Math.max(TICK, Math.round(middle / TICK) * TICK)
  }

  readonly #changed = (): void => {
    if (!this.quitting) this.#frame ??= setTimeout(() => this.#draw(), FRAME_MS)
  }

  #draw(): void {
    this.#frame = undefined
    const { columns, rows } = this.#output
    const { trader, top, bought, sold, cash } = this.#desk
    const view = {
      account: trader.account,
      symbol: SYMBOL,
      open: trader.open.values(),
      top,
      cursor: this.#cursor,
      tick: TICK,
      size: this.#size,
      bought,
      sold,
      cash,
      news: this.#news,
      status: top ? '' : 'no best prices: --watch names an account that sees them',
    }
    const lines = render(view, columns, rows, coloursFor(this.#output))
    this.#output.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}`)
  }
}

/** A command on each line of a stream; what the exchange says is printed. */
class Lines {
  quitting = false
  readonly #desk: Desk
  readonly #reader

  constructor(desk: Desk, input: NodeJS.ReadableStream) {
    this.#desk = desk
    this.#reader = createInterface({ input, terminal: false })
    this.#reader.on('line', (line) => this.#do(line.trim()))
    this.#reader.on('close', () => this.quit())
  }

  told(line: string | undefined): void {
    if (line !== undefined) process.stdout.write(`${line}\n`)
  }

  quit(): void {
    this.quitting = true
    this.#desk.trader.logOut()
  }

  end(): void {
    this.#reader.close()
  }

  #do(line: string): void {
    const order = /^(?<side>buy|sell) (?<shares>\d{1,6}) (?<price>\d{1,6}(?:\.\d{1,4})?)(?<now> now)?$/.exec(
      line,
    )?.groups
    if (order) {
      const price = Math.round(Number(order.price) * 10_000)
      this.#desk.enter(order.side === 'buy' ? 'B' : 'S', Number(order.shares), price, order.now === undefined)
      return
    }
    const [, token] = /^cancel (\S{1,14})$/.exec(line) ?? []
    if (token === 'all') this.#desk.cancel()
    else if (token !== undefined) this.#desk.trader.cancel(token)
    else if (line === 'quit') this.quit()
    else if (line !== '')
      process.stderr.write(
        `"${line}" is no command: buy SHARES PRICE [now], sell SHARES PRICE [now], cancel TOKEN, cancel all, quit\n`,
      )
  }
}
