import type { Line } from './line-reader.ts'
import { isName } from './names.ts'

const SLASH = 0x2f
const BLANK = 0x20
const TAB = 0x09
const decoder = new TextDecoder()
const encoder = new TextEncoder()
const QUIT = encoder.encode('/quit')

/** What a command asks for. A name or a room is undefined if the line has none that is allowed (C2.2). */
export type Command =
  | { readonly kind: 'me'; readonly action: string }
  | { readonly kind: 'msg'; readonly to: string | undefined; readonly text: string }
  | { readonly kind: 'name'; readonly name: string | undefined }
  | { readonly kind: 'join'; readonly room: string | undefined }
  | { readonly kind: 'help' | 'rooms' | 'users' | 'quit' }
  | { readonly kind: 'unknown'; readonly word: string }

/** Any other line is said. */
export function isCommand({ bytes, start, end }: Line): boolean {
  return start < end && bytes[start] === SLASH
}

/** Whether it is `/quit`, by its bytes: this is asked of every line of a flood (C6.1). */
export function isQuit({ bytes, start, end }: Line): boolean {
  for (let index = 0; index < QUIT.length; index++) if (bytes[start + index] !== QUIT[index]) return false
  const next = start + QUIT.length
  return next === end || (next < end && (bytes[next] === BLANK || bytes[next] === TAB))
}

/** Reads a line that is a command (C4): its first word says which. */
export function commandOf({ bytes, start, end }: Line): Command {
  const [word, rest] = firstWord(decoder.decode(bytes.subarray(start, end)))
  switch (word) {
    case '/help':
      return { kind: 'help' }
    case '/rooms':
      return { kind: 'rooms' }
    case '/users':
      return { kind: 'users' }
    case '/quit':
      return { kind: 'quit' }
    case '/name':
      return { kind: 'name', name: nameIn(rest) }
    case '/join':
      return { kind: 'join', room: nameIn(rest) }
    case '/me':
      return { kind: 'me', action: rest }
    case '/msg': {
      const [to, text] = firstWord(rest)
      return { kind: 'msg', to: isName(to) ? to : undefined, text }
    }
    default:
      return { kind: 'unknown', word }
  }
}

/** A line as it goes over the wire. */
export function encodeLine(line: string): Uint8Array {
  return encoder.encode(`${line}\n`)
}

function nameIn(rest: string): string | undefined {
  const [name] = firstWord(rest)
  return isName(name) ? name : undefined
}

/** The first word and what follows it, without the blanks around either. */
function firstWord(text: string): [word: string, rest: string] {
  const trimmed = text.trim()
  const end = trimmed.search(/\s/)
  return end === -1 ? [trimmed, ''] : [trimmed.slice(0, end), trimmed.slice(end).trim()]
}
