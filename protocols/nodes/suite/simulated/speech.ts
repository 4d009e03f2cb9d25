import { ID_BYTES, message } from '../../../router/suite/client/message.ts'
import { conversationOf } from '@switchyard/sim'
import type { Speech } from '@switchyard/sim'
import { BUS_ID } from '../node.ts'

/** A message for another client, by its place in the world, with its number in the body; or a trouble for the cluster. */
export type NodesSay =
  | { readonly kind: 'send'; readonly to: number; readonly number: number; readonly bytes: number }
  | { readonly kind: 'trouble'; readonly what: string; readonly node: number; readonly ms: number }

const NOTHING = new Uint8Array(0)
const NUL = 0

/** Tells every message of a run from every other: who said it, and which of its messages it is. */
export function bodyOf(client: number, number: number, bytes: number): string {
  return `${client}-${number} `.padEnd(bytes, 'x')
}

/** Clients of nodes are clients of a router. */
export const NODES_SPEECH: Speech<NodesSay> = {
  protocol: 'nodes',
  begin: (clients) =>
    conversationOf<NodesSay, Uint8Array>(clients, {
      nothing: NOTHING,
      hear: (id, bytes) => (id.length === ID_BYTES ? id : Uint8Array.of(...id, ...bytes).slice(0, ID_BYTES)),
      introduced: (id) => id.length === ID_BYTES,
      bytesOf(say, client, knows) {
        if (knows(client).length < ID_BYTES) return undefined
        if (say.kind === 'trouble') return message(BUS_ID, `${say.what} ${say.node} ${say.ms}`)
        const id = knows(say.to)
        if (id.length < ID_BYTES) return undefined
        return message(new DataView(id.buffer).getUint32(0), bodyOf(client, say.number, say.bytes))
      },
    }),
  label(say, { bytes, whole }) {
    if (say.kind === 'trouble') return `${say.what} node ${say.node}${say.ms > 0 ? ` (${say.ms})` : ''}`
    return `sends ${bytes} bytes for client ${say.to}${whole ? '' : ' (in part)'}`
  },
  encode: (say) =>
    say.kind === 'send' ? `m.${say.to}.${say.number}.${say.bytes}` : `t.${say.what}.${say.node}.${say.ms}`,
  decode(text) {
    const [, kind, what = '', one, two] = /^([mt])\.([a-z]+|\d+)\.(\d+)\.(\d+)$/.exec(text) ?? []
    if (kind === 'm') return { kind: 'send', to: Number(what), number: Number(one), bytes: Number(two) }
    return kind === 't' ? { kind: 'trouble', what, node: Number(one), ms: Number(two) } : undefined
  },
  messageEnd: (bytes) => bytes.indexOf(NUL, ID_BYTES) + 1,
  *smaller(say) {
    if (say.kind === 'trouble') return
    for (const bytes of new Set([0, say.bytes >> 1])) if (bytes < say.bytes) yield { ...say, bytes }
  },
  renumbered(say, now) {
    if (say.kind === 'trouble') return say
    const to = now(say.to)
    return to === undefined ? undefined : { ...say, to }
  },
  // A message's number is among those of its sender.
  movable: ({ kind }) => kind === 'trouble',
}
