/** A client's end: what a line of the server's says. No member can say a line that means anything else (C1.7). */
export type Heard =
  | { readonly kind: 'said' | 'whispered'; readonly name: string; readonly text: string }
  | { readonly kind: 'did'; readonly name: string; readonly text: string }
  /** What this client whispered, to `name`. */
  | { readonly kind: 'whispering'; readonly name: string; readonly text: string }
  | { readonly kind: 'joined' | 'left'; readonly name: string }
  | { readonly kind: 'renamed'; readonly name: string; readonly to: string }
  /** This client's own name, and the room that it is in now. */
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'entered'; readonly room: string }
  /** Something that was said before this client joined. */
  | { readonly kind: 'earlier'; readonly line: Heard }
  | { readonly kind: 'rooms'; readonly rooms: readonly { readonly name: string; readonly count: number }[] }
  | { readonly kind: 'users'; readonly names: readonly string[] }
  | { readonly kind: 'missed'; readonly count: number }
  /** Anything else: help, refusals, farewells. */
  | { readonly kind: 'told'; readonly text: string }

const NAME = '([A-Za-z0-9_-]{2,20})'
const FORMS: readonly (readonly [form: RegExp, heard: (first: string, second: string) => Heard])[] = [
  [form(`${NAME}: (.*)`), (name, text) => ({ kind: 'said', name, text })],
  [form(`\\* ${NAME} (.*)`), (name, text) => ({ kind: 'did', name, text })],
  [form(`${NAME} whispers: (.*)`), (name, text) => ({ kind: 'whispered', name, text })],
  [form(`You whisper to ${NAME}: (.*)`), (name, text) => ({ kind: 'whispering', name, text })],
  [form(`${NAME} joined`), (name) => ({ kind: 'joined', name })],
  [form(`${NAME} left`), (name) => ({ kind: 'left', name })],
  [form(`${NAME} is now ${NAME}`), (name, to) => ({ kind: 'renamed', name, to })],
  [form(`You are ${NAME}`), (name) => ({ kind: 'named', name })],
  [form(`You joined ${NAME}`), (room) => ({ kind: 'entered', room })],
  [form('Earlier - (.*)'), (line) => ({ kind: 'earlier', line: hear(line) })],
  [form('Rooms - (.*)'), (list) => ({ kind: 'rooms', rooms: list.split(', ').map(roomOf) })],
  [form('Users - (.*)'), (list) => ({ kind: 'users', names: list.split(', ') })],
  [
    form('Server is very busy and dropped (\\d+) messages, sorry!'),
    (count) => ({ kind: 'missed', count: Number(count) }),
  ],
]

/** Reads one line, without its newline. */
export function hear(line: string): Heard {
  for (const [pattern, heard] of FORMS) {
    const match = pattern.exec(line)
    if (match) return heard(match[1] ?? '', match[2] ?? '')
  }
  return { kind: 'told', text: line }
}

/** Matches a whole line: a member may say what separates lines elsewhere, such as U+2028. */
function form(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`, 's')
}

/** `den (3)`. */
function roomOf(text: string): { name: string; count: number } {
  const [name = '', count = ''] = text.split(' ')
  return { name, count: Number(count.slice(1, -1)) }
}

/** Cuts what the server sends into lines, wherever the chunks are cut. */
export class ServerLines {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #unfinished = ''

  /** The lines that `chunk` completes, in order, without their newlines. */
  add(chunk: Uint8Array): string[] {
    const lines = (this.#unfinished + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#unfinished = lines.pop() ?? ''
    return lines
  }
}
