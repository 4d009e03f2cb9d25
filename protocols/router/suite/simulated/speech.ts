import { ID_BYTES } from '../client/message.ts'
import { bytesInWords, bytesOfText, bytesText, conversationOf } from '@switchyard/sim'
import type { Move, Speech } from '@switchyard/sim'

/** A message to another client, by its place in the world; or the beginning of one that never ends. */
export interface RouterSay {
  readonly kind: 'send' | 'begin'
  readonly to: number
  readonly body: Uint8Array
}

const NUL = 0
const NOTHING = new Uint8Array(0)

/** A client knows its id, once it has read that; and whoever is known can be written to (R1.3). */
export const ROUTER_SPEECH: Speech<RouterSay> = {
  protocol: 'router',
  begin: (clients) =>
    conversationOf<RouterSay, Uint8Array>(clients, {
      nothing: NOTHING,
      hear: (id, bytes) => (id.length === ID_BYTES ? id : Uint8Array.of(...id, ...bytes).slice(0, ID_BYTES)),
      introduced: (id) => id.length === ID_BYTES,
      bytesOf({ kind, to, body }, _, knows) {
        const id = knows(to)
        if (id.length < ID_BYTES) return undefined
        return kind === 'send' ? Uint8Array.of(...id, ...body, NUL) : Uint8Array.of(...id, ...body)
      },
    }),
  label({ kind, to }, { bytes, whole }) {
    const what = `${bytesInWords(bytes)} for client ${to}`
    return kind === 'begin' ? `begins with ${what}` : `sends ${what}${whole ? '' : ' (in part)'}`
  },
  encode: ({ kind, to, body }) => `${kind === 'begin' ? 'b' : ''}${to}.${bytesText(body)}`,
  decode(text) {
    const [, begins, to, rest = ''] = /^(b?)(\d+)\.(.*)$/.exec(text) ?? []
    const body = bytesOfText(rest)
    return to === undefined || !body ? undefined : { kind: begins ? 'begin' : 'send', to: Number(to), body }
  },
  // A NUL that comes earlier is part of an id.
  messageEnd: (bytes) => bytes.indexOf(NUL, ID_BYTES) + 1,
  /** With no body, one byte of it, half, and one byte less. */
  *smaller(say) {
    const { length } = say.body
    for (const shorter of new Set([0, 1, length >> 1, length - 1])) {
      if (shorter >= 0 && shorter < length) yield { ...say, body: say.body.slice(0, shorter) }
    }
  },
  renumbered(say, now) {
    const to = now(say.to)
    return to === undefined ? undefined : { ...say, to }
  },
  // Whatever comes behind a message that never ends is part of it.
  movable: ({ kind }) => kind === 'send',
}

export function send(to: number, body: Uint8Array): Move<RouterSay> {
  return { kind: 'say', say: { kind: 'send', to, body } }
}
