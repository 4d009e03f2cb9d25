/** Whether what the accounts were told adds up to what the books have: share by share, from the streams alone. */
import type { Engine } from './engine.ts'
import { NONE } from './int32.ts'
import { BUY, SELL } from './levels.ts'
import { TOKEN_BYTES, uint32At } from './ouch.ts'
import { ascii, lengthAt } from './packets.ts'
import type { Stream } from './stream.ts'

/** Shares of one account's orders. What a replacement took over is not entered anew. */
export interface AccountAudit {
  readonly name: string
  readonly messages: number
  readonly entered: number
  readonly executed: number
  readonly cancelled: number
  /** By the books. */
  readonly open: number
}

export interface Audit {
  readonly accounts: readonly AccountAudit[]
  /** In words; none if everything adds up. */
  readonly problems: readonly string[]
}

const TOKEN = 9
const PREVIOUS_TOKEN = 65

export function auditOf(engine: Engine): Audit {
  const problems: string[] = []
  const open = new Map<number, number>()
  for (const symbol of engine.symbols) {
    const book = engine.bookOf(symbol)
    if (!book) continue
    const [bid, ask] = [book.best(BUY), book.best(SELL)]
    if (bid !== NONE && ask !== NONE && bid >= ask) problems.push(`the book of ${symbol} is crossed: ${bid} and ${ask}`)
    for (const side of [BUY, SELL] as const) {
      for (const { owner, shares } of book.resting(side)) open.set(owner, (open.get(owner) ?? 0) + shares)
    }
  }
  const accounts = engine.accounts.map(({ name, number, stream }) => {
    const audit = { name, messages: stream.count, ...sharesIn(stream), open: open.get(number) ?? 0 }
    const left = audit.entered - audit.executed - audit.cancelled
    if (left !== audit.open) problems.push(`${name} was told of ${left} open shares, and the books have ${audit.open}`)
    return audit
  })
  return { accounts, problems }
}

function sharesIn(stream: Stream): Pick<AccountAudit, 'entered' | 'executed' | 'cancelled'> {
  const sums = { entered: 0, executed: 0, cancelled: 0 }
  const left = new Map<string, number>()
  for (const { bytes, end } of stream.segments()) {
    for (let at = 0; at < end; at += 2 + lengthAt(bytes, at)) {
      const message = bytes.subarray(at + 3, at + 2 + lengthAt(bytes, at))
      const token = ascii(message, TOKEN, TOKEN + TOKEN_BYTES)
      switch (ascii(message, 0, 1)) {
        case 'A':
          sums.entered += uint32At(message, 24)
          left.set(token, uint32At(message, 24))
          break
        case 'U': {
          const previous = ascii(message, PREVIOUS_TOKEN, PREVIOUS_TOKEN + TOKEN_BYTES)
          sums.entered += uint32At(message, 24) - (left.get(previous) ?? 0)
          left.delete(previous)
          left.set(token, uint32At(message, 24))
          break
        }
        case 'E':
          sums.executed += take(left, token, uint32At(message, 23))
          break
        case 'C':
          sums.cancelled += take(left, token, uint32At(message, 23))
          break
        default:
      }
    }
  }
  return sums
}

function take(left: Map<string, number>, token: string, shares: number): number {
  const rest = (left.get(token) ?? 0) - shares
  if (rest === 0) left.delete(token)
  else left.set(token, rest)
  return shares
}
