/** Realistic order flow: a price that wanders, quotes around it that are moved and taken, by several accounts at once. */
import type { Socket } from 'node:net'
import { liveClock, Random } from '@switchyard/core'
import { dial, ended } from '../address.ts'
import type { Address } from '../address.ts'
import { Failure } from '../exit.ts'
import { pause } from '../pause.ts'
import { percentiles } from '../percentiles.ts'
import type { Percentiles } from '../percentiles.ts'
import { tokens, Trader } from './trader.ts'
import type { Side, Told } from './trader.ts'

export interface FlowPlan {
  readonly accounts: readonly string[]
  readonly seconds: number
  /** Commands in a second, of all accounts together. */
  readonly rate: number
  readonly seed: number
}

export interface FlowTotals {
  readonly commands: number
  readonly accepted: number
  readonly rejected: number
  /** Executions that the accounts were told of: two for a match between two of them. */
  readonly executions: number
  readonly shares: number
  /** Orders of which nothing was heard, when all should have been. */
  readonly unanswered: number
  readonly commandsPerSecond: number
  /** From an order to the word that it is accepted, ms; undefined if none was. */
  readonly latencyMs: Percentiles | undefined
}

/** Of 100 commands: how many are of each kind. The rest takes what is there. */
const QUOTES = 55
const CANCELS = 25
const MOVES = 12
/** $10.00, in ten-thousandths, and a cent. */
const FIRST_PRICE = 100_000
const TICK = 100
/** Quotes stand so many ticks from the middle, at most. */
const SPREAD = 8
const LOTS = 10
/** More than so many open orders of an account, and it cancels. */
const OPEN_MAX = 200
const TICK_MS = 10
/** Nothing has come for so long: nothing will, ms. */
const SILENCE_MS = 5_000

/**
 * Trades by the plan, cancels what is left, and counts. The same seed draws the same price and the same choices; which orders are
 * still open, the exchange says. Throws Failure if it can't log in, or a connection is lost.
 */
export async function runFlow(address: Address, plan: FlowPlan, signal: AbortSignal): Promise<FlowTotals> {
  const random = new Random(plan.seed)
  const names = tokens()
  const sockets: Socket[] = []
  const ends: Promise<void>[] = []
  const traders: FlowTrader[] = []
  const lost = new AbortController()
  try {
    for (const account of plan.accounts) {
      const socket = await dial(address, 'exchange', signal)
      sockets.push(socket)
      ends.push(ended(socket).then(() => lost.abort()))
      traders.push(new FlowTrader(await Trader.logIn(socket, account, 0), random, names))
    }
    const began = liveClock.now()
    const over = AbortSignal.any([signal, lost.signal, AbortSignal.timeout(plan.seconds * 1_000)])
    await tradeUntil(over, traders, random, plan.rate)
    const seconds = (liveClock.now() - began) / 1_000
    for (const trader of traders) trader.leave()
    const silent = AbortSignal.any([lost.signal, AbortSignal.timeout(SILENCE_MS)])
    while (!silent.aborted && !traders.every(({ isDone }) => isDone)) await pause(TICK_MS, silent)
    if (lost.signal.aborted) {
      throw new Failure('The exchange has closed a connection: it has stopped, or an account has logged in elsewhere.')
    }
    for (const { trader } of traders) trader.logOut()
    await Promise.all(ends)
    return totalsOf(traders, seconds)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

async function tradeUntil(
  over: AbortSignal,
  traders: readonly FlowTrader[],
  random: Random,
  rate: number,
): Promise<void> {
  let price = FIRST_PRICE
  let last = liveClock.now()
  for (let due = 0; !over.aborted; await pause(TICK_MS, over)) {
    const now = liveClock.now()
    due += ((now - last) / 1_000) * rate
    last = now
    for (; due >= 1; due--) {
      if (random.below(20) === 0) price = Math.max(10 * SPREAD * TICK, price + (random.below(3) - 1) * TICK)
      traders[random.below(traders.length)]?.decide(price)
    }
  }
}

/** One account: what it decides next, and what becomes of that. */
class FlowTrader {
  readonly trader: Trader
  readonly latencies: number[] = []
  commands = 0
  accepted = 0
  rejected = 0
  executions = 0
  shares = 0
  readonly #random: Random
  readonly #tokens: Iterator<string, never>
  #leaving = false
  /** When each order that is not answered was sent. */
  readonly #sent = new Map<string, number>()

  constructor(trader: Trader, random: Random, names: Iterator<string, never>) {
    this.trader = trader
    this.#random = random
    this.#tokens = names
    trader.listen((told) => this.#hear(told))
  }

  get unanswered(): number {
    return this.#sent.size
  }

  decide(middle: number): void {
    const { open } = this.trader
    const dice = open.size > OPEN_MAX ? QUOTES : this.#random.below(100)
    if (dice < QUOTES) return this.#enter(middle, 1 + this.#random.below(SPREAD), true)
    const order = this.#anyOf(open)
    if (!order) return this.#enter(middle, 1 + this.#random.below(SPREAD), true)
    if (dice < QUOTES + CANCELS) return this.#cancel(order.token)
    if (dice < QUOTES + CANCELS + MOVES) {
      const token = this.#tokens.next().value
      this.commands++
      const away = (1 + this.#random.below(SPREAD)) * TICK
      const price = order.side === 'B' ? middle - away : middle + away
      return this.trader.replace(order.token, { token, shares: order.shares, price })
    }
    this.#enter(middle, -SPREAD, false)
  }

  /** It has left, and nothing of it is in the book or on its way. */
  get isDone(): boolean {
    return this.#leaving && this.#sent.size === 0 && this.trader.open.size === 0
  }

  /** So that the next flow finds the book as this one did. What is accepted from now on is cancelled as soon as that is told. */
  leave(): void {
    this.#leaving = true
    for (const token of this.trader.open.keys()) this.#cancel(token)
  }

  #enter(middle: number, ticksAway: number, rests: boolean): void {
    const token = this.#tokens.next().value
    const side: Side = this.#random.below(2) === 0 ? 'B' : 'S'
    const price = middle + (side === 'B' ? -ticksAway : ticksAway) * TICK
    this.commands++
    this.#sent.set(token, liveClock.now())
    this.trader.enter({ token, side, shares: 100 * (1 + this.#random.below(LOTS)), price }, rests)
  }

  #cancel(token: string): void {
    this.commands++
    this.trader.cancel(token)
  }

  /** By chance: one of the first few, the oldest. */
  #anyOf(open: Trader['open']): ReturnType<Trader['open']['get']> {
    let skip = this.#random.below(Math.min(open.size, LOTS))
    for (const order of open.values()) if (skip-- === 0) return order
    return undefined
  }

  #hear(told: Told): void {
    switch (told.kind) {
      case 'accepted':
        this.accepted++
        if (this.#leaving) this.#cancel(told.order.token)
        return this.#answered(told.order.token)
      case 'rejected':
        this.rejected++
        this.#sent.delete(told.token)
        return
      case 'executed':
        this.executions++
        this.shares += told.shares
        return
      case 'replaced':
        if (this.#leaving) this.#cancel(told.order.token)
        return
      case 'cancelled':
      case 'top':
      case 'day-ended':
    }
  }

  #answered(token: string): void {
    const sent = this.#sent.get(token)
    if (sent === undefined) return
    this.#sent.delete(token)
    this.latencies.push(liveClock.now() - sent)
  }
}

function totalsOf(traders: readonly FlowTrader[], seconds: number): FlowTotals {
  const sum = (of: (trader: FlowTrader) => number): number => traders.reduce((total, each) => total + of(each), 0)
  const commands = sum((each) => each.commands)
  return {
    commands,
    accepted: sum((each) => each.accepted),
    rejected: sum((each) => each.rejected),
    executions: sum((each) => each.executions),
    shares: sum((each) => each.shares),
    unanswered: sum((each) => each.unanswered),
    commandsPerSecond: Math.round(commands / seconds),
    latencyMs: percentiles(traders.flatMap(({ latencies }) => latencies)),
  }
}
