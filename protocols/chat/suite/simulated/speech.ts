import { bytesInWords, bytesOfText, bytesText, conversationOf } from '@switchyard/sim'
import type { Move, Speech } from '@switchyard/sim'

/** One line, without its newline. */
export interface ChatSay {
  readonly line: string
}

const GREETED = 'You joined main\n'
const LF = 0x0a
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A client says something once it was greeted, and knows no more than that. */
export const CHAT_SPEECH: Speech<ChatSay> = {
  protocol: 'chat',
  begin: (clients) =>
    conversationOf<ChatSay, string>(clients, {
      nothing: '',
      hear: (known, bytes) => {
        if (known === GREETED) return known
        const text = known + decoder.decode(bytes)
        return text.includes(GREETED) ? GREETED : text
      },
      introduced: (known) => known === GREETED,
      bytesOf: ({ line }, client, knows) => (knows(client) === GREETED ? encoder.encode(`${line}\n`) : undefined),
    }),
  label: ({ line }, { bytes, whole }) => `says "${line}", ${bytesInWords(bytes)}${whole ? '' : ' (in part)'}`,
  encode: ({ line }) => `l.${bytesText(encoder.encode(line))}`,
  decode(text) {
    const bytes = text.startsWith('l.') ? bytesOfText(text.slice(2)) : undefined
    return bytes && { line: decoder.decode(bytes) }
  },
  messageEnd: (bytes) => bytes.indexOf(LF) + 1,
}

export function say(line: string): Move<ChatSay> {
  return { kind: 'say', say: { line } }
}
