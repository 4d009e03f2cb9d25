/** `switchyard trade` and `switchyard flow`, at an exchange that runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import pc from 'picocolors'
import { render } from '../src/exchange/screen.ts'
import { BIN, Serving, switchyard } from './switchyard.ts'

const EXCHANGE = ['--protocol', 'exchange'] as const

async function traded(port: number, account: string, ...lines: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [BIN, 'trade', String(port), '--account', account], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(lines.map((line) => `${line}\n`).join(''))
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  expect(child.exitCode).toBe(0)
  return said.split('\n').map((line) => line.replace(/^\w{5,} /, '').trim())
}

it('two accounts trade from scripts, and a third one replays its day', async () => {
  await using serving = await Serving.start('reactor', EXCHANGE)
  expect(await traded(serving.port, 'ANN', 'sell 300 10.01', 'buy 100 9.99')).toEqual([
    'sells 300 at 10.0100',
    'buys 100 at 9.9900',
    '',
  ])
  expect(await traded(serving.port, 'BOB', 'buy 200 10.02', 'buy 500 10.01 now')).toEqual([
    'buys 200 at 10.0200',
    'bought 200 at 10.0100',
    'buys 500 at 10.0100',
    'bought 100 at 10.0100',
    'cancelled 400: nobody was there to take it from',
    '',
  ])
  // What was executed while nobody was there comes with the replay, and so does what can be cancelled.
  expect(await traded(serving.port, 'ANN', 'cancel all')).toEqual([
    'sells 300 at 10.0100',
    'buys 100 at 9.9900',
    'sold 200 at 10.0100',
    'sold 100 at 10.0100',
    'cancelled 100',
    '',
  ])
})

it('a flow is answered, order by order, and leaves an empty book', async () => {
  await using serving = await Serving.start('reactor', EXCHANGE)
  const flow = async (): Promise<Record<string, unknown>> => {
    const { code, stdout } = await switchyard('flow', String(serving.port), '--seconds', '1', '--rate', '800', '--json')
    expect(code).toBe(0)
    return JSON.parse(stdout)
  }
  const totals = await flow()
  expect(totals).toMatchObject({ rejected: 0, unanswered: 0 })
  expect(totals['executions']).toBeGreaterThan(10)
  expect(Number(totals['executions']) % 2).toBe(0)
  expect(await traded(serving.port, 'CARL', 'buy 100 150.00 now')).toEqual([
    'buys 100 at 150.0000',
    'cancelled 100: nobody was there to take it from',
    '',
  ])
})

it('where nothing listens, it says how to start one', async () => {
  const { code, stderr } = await switchyard('trade', '1', '--account', 'ANN')
  expect([code, stderr.trim()]).toEqual([
    1,
    'Nothing answers at 127.0.0.1:1 (ECONNREFUSED). To start one: switchyard serve reactor --protocol exchange',
  ])
})

it('a wrong account is told so, and where its password is looked for', async () => {
  await using serving = await Serving.start('reactor', EXCHANGE)
  const { code, stderr } = await switchyard('flow', String(serving.port), '--account', 'EVE')
  expect(code).toBe(1)
  expect(stderr).toContain('refuses account EVE')
  expect(stderr).toContain('SWITCHYARD_PASSWORD_EVE')
})

describe('the ladder', () => {
  const view = {
    account: 'ANN',
    symbol: 'SWYD',
    open: [{ token: 'a', side: 'B' as const, price: 99_900, shares: 300 }],
    top: { bid: { price: 99_900, shares: 500 }, ask: { price: 100_100, shares: 200 } },
    cursor: 100_000,
    tick: 100,
    size: 100,
    bought: 100,
    sold: 300,
    cash: 2_000_000,
    news: ['a rejected'],
    status: '',
  }
  const plain = pc.createColors(false)

  it('shows both best prices, the cursor between them, and what is one’s own', () => {
    const lines = render(view, 80, 12, plain)
    const row = (price: string): string => lines.find((line) => line.includes(price)) ?? ''
    expect(row('10.0100').trim().split(/ +/)).toEqual(['10.0100', '200'])
    expect(row('9.9900').trim().split(/ +/).slice(0, 3)).toEqual(['300', '500', '9.9900'])
    expect(row('10.0000').startsWith('>')).toBe(true)
    expect(lines.join('\n')).toContain('position -200, cash 200.0000')
  })

  it.each([
    [80, 24],
    [60, 12],
    [200, 50],
    [30, 5],
  ])('fills %i x %i, and no more', (columns, rows) => {
    const lines = render(view, columns, rows, plain)
    expect(lines.length).toBe(rows)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  })
})
