/** What `trade` shows: a ladder of prices, and beside it what became of one's orders. Lines of text, no terminal. */
import type { Colours } from '@switchyard/conformance/reports'
import type { Level, OpenOrder } from './trader.ts'

export interface View {
  readonly account: string
  readonly symbol: string
  readonly open: Iterable<OpenOrder>
  /** The best prices; absent if nobody watches. */
  readonly top: { readonly bid: Level; readonly ask: Level } | undefined
  /** The price that is pointed at. */
  readonly cursor: number
  readonly tick: number
  readonly size: number
  readonly bought: number
  readonly sold: number
  /** What was received less what was paid, in ten-thousandths. */
  readonly cash: number
  /** The latest first. */
  readonly news: readonly string[]
  readonly status: string
}

/** Nothing fits in less. */
export const COLUMNS_MIN = 60
export const ROWS_MIN = 12
const FRAME_ROWS = 5
const WIDTH = 10
const KEYS = 'up/down price  +/- shares  b buy  s sell  t take  x cancel here  X all  m middle  q quit'

/** Exactly `rows` lines, none wider than `columns`. */
export function render(view: View, columns: number, rows: number, { bold, cyan, dim, red, green }: Colours): string[] {
  if (columns < COLUMNS_MIN || rows < ROWS_MIN) {
    return fitted(
      [`${columns} x ${rows} is too small: at least ${COLUMNS_MIN} x ${ROWS_MIN}, please (q quits)`],
      columns,
      rows,
    )
  }
  const { top, cursor, tick, size, bought, sold, cash } = view
  const mine = sharesByPrice(view.open)
  const ladderRows = rows - FRAME_ROWS
  const highest = cursor + Math.floor(ladderRows / 2) * tick
  const newsWidth = columns - 5 * WIDTH - 4
  const ladder = Array.from({ length: ladderRows }, (_, row) => {
    const price = highest - row * tick
    if (price <= 0) return ''
    const cell = (shares: number | undefined): string => (shares ? String(shares) : '').padStart(WIDTH)
    const bid = cell(top?.bid.price === price ? top.bid.shares : undefined)
    const ask = cell(top?.ask.price === price ? top.ask.shares : undefined)
    const here = price === cursor
    const label = dollars(price).padStart(WIDTH)
    const news = newsWidth > 0 ? (view.news[row] ?? '').slice(0, newsWidth) : ''
    return `${here ? '>' : ' '}${green(bold(cell(mine.B.get(price))))}${green(bid)}${here ? bold(label) : label}${red(ask)}${red(bold(cell(mine.S.get(price))))}   ${dim(news)}`
  })
  const head = ['my bids', 'bid', 'price', 'ask', 'my asks'].map((title) => title.padStart(WIDTH)).join('')
  const position = bought - sold
  const open = mine.count
  return fitted(
    [
      `${bold(view.account)} ${view.symbol}   ${cyan(view.status)}`.trimEnd(),
      dim(` ${head}   what became of them`.slice(0, columns)),
      ...ladder,
      `${open} ${open === 1 ? 'order' : 'orders'} open, bought ${bought}, sold ${sold}, position ${position > 0 ? '+' : ''}${position}, cash ${dollars(cash)}`.slice(
        0,
        columns,
      ),
      `next order: ${bold(String(size))} shares at ${bold(dollars(cursor))}`,
      dim(KEYS.slice(0, columns)),
    ],
    columns,
    rows,
  )
}

/** `12.3400`. */
export function dollars(price: number): string {
  return `${price < 0 ? '-' : ''}${(Math.abs(price) / 10_000).toFixed(4)}`
}

function sharesByPrice(open: Iterable<OpenOrder>): {
  readonly B: Map<number, number>
  readonly S: Map<number, number>
  count: number
} {
  const mine = { B: new Map<number, number>(), S: new Map<number, number>(), count: 0 }
  for (const { side, price, shares } of open) {
    mine[side].set(price, (mine[side].get(price) ?? 0) + shares)
    mine.count++
  }
  return mine
}

function fitted(lines: readonly string[], columns: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => lines[row] ?? '').map((line) =>
    line.includes('\u001b') ? line : line.slice(0, columns),
  )
}
