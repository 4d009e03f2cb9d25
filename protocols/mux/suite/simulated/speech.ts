import { conversationOf } from '@switchyard/sim'
import type { Speech } from '@switchyard/sim'

/** Some bytes, which differ from all others nearby: `from` makes them. */
export interface MuxSay {
  readonly from: number
  readonly count: number
}

/** In front of a local stream: its id. */
export const ID_BYTES = 4

/** A client may speak once it knows its stream's id: before that it has none. */
export const MUX_SPEECH: Speech<MuxSay> = {
  protocol: 'mux',
  begin: (clients) =>
    conversationOf<MuxSay, number>(clients, {
      nothing: 0,
      hear: (known, bytes) => Math.min(ID_BYTES, known + bytes.length),
      introduced: (known) => known === ID_BYTES,
      bytesOf: ({ from, count }, client, knows) =>
        knows(client) < ID_BYTES ? undefined : Uint8Array.from({ length: count }, (_, index) => (from + index) & 0xff),
    }),
  label: (_, { bytes, whole }) => `sends ${bytes} bytes${whole ? '' : ' (in part)'}`,
  encode: ({ from, count }) => `d.${from}.${count}`,
  decode(text) {
    const [, from, count] = /^d\.(\d{1,3})\.(\d{1,4})$/.exec(text) ?? []
    return count === undefined ? undefined : { from: Number(from), count: Number(count) }
  },
  *smaller({ from, count }) {
    if (count > 1) yield { from, count: count >> 1 }
  },
}
