import { bytesInWords, conversationOf } from '@switchyard/sim'
import type { Speech } from '@switchyard/sim'
import { cancel, enter, login, packet, replace } from '../messages.ts'

/** The accounts of the worlds' clients, in their order. A fourth one takes over from the first. */
export const TRADERS = ['ANN', 'BOB', 'CARL', 'ANN'] as const

/** What a client says. Tokens are `a` to `z`, prices a few ticks. */
export type ExchangeSay =
  | { readonly kind: 'login'; readonly sequence: number }
  | { readonly kind: 'logout' }
  | {
      readonly kind: 'enter'
      readonly token: string
      readonly side: 'B' | 'S'
      readonly shares: number
      readonly price: number
      readonly rests: boolean
    }
  | {
      readonly kind: 'replace'
      readonly token: string
      readonly by: string
      readonly shares: number
      readonly price: number
    }
  | { readonly kind: 'cancel'; readonly token: string; readonly shares: number }

/** A login accepted, with its length. */
const ACCEPTED_BYTES = 33

/** A client commands when it has read that it is logged in: how many bytes of that it has read is all that it knows. */
export const EXCHANGE_SPEECH: Speech<ExchangeSay> = {
  protocol: 'exchange',
  begin: (clients) =>
    conversationOf<ExchangeSay, number>(clients, {
      nothing: 0,
      hear: (known, bytes) => Math.min(ACCEPTED_BYTES, known + bytes.length),
      introduced: (known) => known === ACCEPTED_BYTES,
      bytesOf(say, client, knows) {
        if (say.kind !== 'login' && knows(client) < ACCEPTED_BYTES) return undefined
        return bytesOf(say, TRADERS[client] ?? 'ANN')
      },
    }),
  label: (say, { bytes, whole }) => `${wordsOf(say)}, ${bytesInWords(bytes)}${whole ? '' : ' (in part)'}`,
  encode: textOf,
  decode(text) {
    const [letter, ...fields] = text.split('.')
    const [a = '', b = '', c = '', d = '', e = ''] = fields
    const say = sayOf(letter, a, b, c, d, e)
    return say && textOf(say) === text ? say : undefined
  },
  messageEnd(bytes) {
    const end = 2 + (bytes.length < 2 ? bytes.length : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0))
    return end <= bytes.length ? end : 0
  },
  introduces: ({ kind }) => kind === 'login',
  movable: () => false,
}

function bytesOf(say: ExchangeSay, account: string): Uint8Array {
  switch (say.kind) {
    case 'login':
      return login(account, `pw${account}`, '', say.sequence)
    case 'logout':
      return packet('O')
    case 'enter':
      return packet('U', enter(say.token, { ...say, timeInForce: say.rests ? 99_998 : 0 }))
    case 'replace':
      return packet('U', replace(say.token, say.by, say))
    case 'cancel':
      return packet('U', cancel(say.token, say.shares))
  }
}

function textOf(say: ExchangeSay): string {
  switch (say.kind) {
    case 'login':
      return `l.${say.sequence}`
    case 'logout':
      return 'o'
    case 'enter':
      return `e.${say.token}.${say.side}.${say.shares}.${say.price}.${say.rests}`
    case 'replace':
      return `u.${say.token}.${say.by}.${say.shares}.${say.price}`
    case 'cancel':
      return `x.${say.token}.${say.shares}`
  }
}

function wordsOf(say: ExchangeSay): string {
  switch (say.kind) {
    case 'login':
      return `logs in from message ${say.sequence} on`
    case 'logout':
      return 'logs out'
    case 'enter':
      return `${say.side === 'B' ? 'buys' : 'sells'} ${say.shares} at ${say.price} as ${say.token}${say.rests ? '' : ', at once'}`
    case 'replace':
      return `replaces ${say.token} by ${say.by}: ${say.shares} at ${say.price}`
    case 'cancel':
      return `cancels ${say.token} down to ${say.shares}`
  }
}

function sayOf(
  letter: string | undefined,
  a: string,
  b: string,
  c: string,
  d: string,
  e: string,
): ExchangeSay | undefined {
  switch (letter ?? '') {
    case 'l':
      return { kind: 'login', sequence: Number(a) }
    case 'o':
      return { kind: 'logout' }
    case 'e':
      return {
        kind: 'enter',
        token: a,
        side: b === 'B' ? 'B' : 'S',
        shares: Number(c),
        price: Number(d),
        rests: e === 'true',
      }
    case 'u':
      return { kind: 'replace', token: a, by: b, shares: Number(c), price: Number(d) }
    case 'x':
      return { kind: 'cancel', token: a, shares: Number(b) }
    default:
      return undefined
  }
}
