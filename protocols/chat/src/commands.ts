import { isName } from './names.ts'

const SLASH = 0x2f
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** What a line asks for. A name or a room is undefined if the line has none that is allowed (C2.2). */
export type Command =
  | { readonly kind: 'say'; readonly text: Uint8Array }
  | { readonly kind: 'me'; readonly action: string }
  | { readonly kind: 'msg'; readonly to: string | undefined; readonly text: string }
  | { readonly kind: 'name'; readonly name: string | undefined }
  | { readonly kind: 'join'; readonly room: string | undefined }
  | { readonly kind: 'help' | 'rooms' | 'users' | 'quit' }
  | { readonly kind: 'unknown'; readonly word: string }

/** Reads a line (C4). One that begins with a slash is a command, and its first word says which; any other one is said. */
export function commandOf(line: Uint8Array): Command {
  if (line[0] !== SLASH) return { kind: 'say', text: line }
  const [word, rest] = firstWord(decoder.decode(line))
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
