import { Stream } from './stream.ts'

export const NAME_BYTES = 6
const NAME = /^[A-Za-z0-9]{1,6}$/

export interface AccountOptions {
  /** 1 to 6 letters and digits. */
  readonly name: string
  /** What becomes of its open orders when its session ends, whatever ended it. Default: they rest. */
  readonly onDisconnect?: 'rest' | 'cancel'
  /** It sees the best prices of every book, and may not trade. Default: false. */
  readonly watches?: boolean
}

/** Whoever may log in. */
export class Account {
  /** From 1, in the order in which they were named. */
  readonly number: number
  readonly name: string
  readonly cancelsOnDisconnect: boolean
  readonly watches: boolean
  stream: Stream = new Stream()
  /** Numbers of its open orders; kept only where a disconnect cancels them. */
  readonly open: Set<number> = new Set()

  constructor(number: number, { name, onDisconnect = 'rest', watches = false }: AccountOptions) {
    if (!NAME.test(name)) throw new RangeError(`an account is called "${name}": it must be 1 to 6 letters and digits`)
    this.number = number
    this.name = name
    this.cancelsOnDisconnect = onDisconnect === 'cancel'
    this.watches = watches
  }
}

/** Throws RangeError for names that are none, or stand there twice. */
export function accountsOf(options: readonly AccountOptions[]): readonly Account[] {
  const seen = new Set<string>()
  return options.map((each, index) => {
    if (seen.has(each.name)) throw new RangeError(`the account "${each.name}" is there twice`)
    seen.add(each.name)
    return new Account(index + 1, each)
  })
}
