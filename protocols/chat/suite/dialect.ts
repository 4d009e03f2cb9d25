import type { CrowdDialect, IncomingFromCrowd, Joining } from '@switchyard/harness/portable'

const LF = 0x0a
const COLON = 0x3a
const NOTICE = /^Server is very busy and dropped (\d+) messages, sorry!$/
/** All names of a load are of this length, so that its lines are, too. */
const NAME_LENGTH = 7
/** Before what is said: a name, a colon, a blank. */
const PREFIX_LENGTH = NAME_LENGTH + 2
/** What the lines of a load are made of. */
const FILL = 0x7e
/** Whatever else is told in a room: that somebody joined, a notice. */
const OTHER_LINE_BYTES_MAX = 1024

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * A load in rooms: everybody has a name of its own and begins in a room of its own, so that `main` does not hear of each. A line's size is
 * counted where it arrives: name, colon, blank, text and LF.
 */
export const DIALECT: CrowdDialect = {
  routes: true,
  options: { historyLines: 0, floodLinesPerSecond: 0, idleMs: 0 },
  greet: (number) => {
    const name = `m${String(number).padStart(NAME_LENGTH - 1, '0')}`
    const lobby = entering(name, `/name ${name}\n`)
    return {
      says: lobby.says,
      hears(bytes) {
        const heard = lobby.hears(bytes)
        return heard && { ...heard, address: name }
      },
    }
  },
  crowd: (group) => ({
    join: () => entering(`room-${group}`),
    message: (messageBytes) => {
      const line = new Uint8Array(textBytesOf(messageBytes) + 1).fill(FILL)
      line[line.length - 1] = LF
      return line
    },
    incoming: (messageBytes) => new RoomLines(PREFIX_LENGTH + textBytesOf(messageBytes) + 1),
  }),
}

/** C1.3: at least one byte of text. */
function textBytesOf(messageBytes: number): number {
  return Math.max(1, messageBytes - PREFIX_LENGTH - 1)
}

function entering(room: string, before = ''): Joining & { readonly says: Uint8Array } {
  const sought = `You joined ${room}\n`
  let text = ''
  return {
    says: encoder.encode(`${before}/join ${room}\n`),
    hears(bytes) {
      text += decoder.decode(bytes)
      const at = text.indexOf(sought)
      // All of it is ASCII: a character is a byte.
      return at === -1 ? undefined : { rest: bytes.subarray(bytes.length - (text.length - at - sought.length)) }
    },
  }
}

/** Lines of one length that anybody in the room says, and what else is told there. Looks at a line's colon, and at its end. */
class RoomLines implements IncomingFromCrowd {
  messages = 0
  missed = 0
  readonly #lineBytes: number
  /** How much has come of a line. */
  #at = 0
  /** What has come of it, while it may be another one than those of the load. */
  #text = ''
  #other = false

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes
  }

  get whole(): boolean {
    return this.#at === 0
  }

  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (!this.#other && this.#at <= NAME_LENGTH) {
        const colonAt = at + NAME_LENGTH - this.#at
        if (colonAt >= chunk.length) return this.#keep(chunk.subarray(at))
        this.#other = chunk[colonAt] !== COLON
      }
      const end = this.#other ? chunk.indexOf(LF, at) + 1 : at + this.#lineBytes - this.#at
      if (end === 0) return this.#keep(chunk.subarray(at))
      if (end > chunk.length) {
        this.#at += chunk.length - at
        return true
      }
      if (!(this.#other ? this.#told(this.#text + decoder.decode(chunk.subarray(at, end - 1))) : chunk[end - 1] === LF))
        return false
      if (!this.#other) this.messages++
      this.#other = false
      this.#text = ''
      this.#at = 0
      at = end
    }
    return true
  }

  #keep(part: Uint8Array): boolean {
    this.#text += decoder.decode(part)
    this.#at += part.length
    return this.#text.length <= OTHER_LINE_BYTES_MAX
  }

  /** Whether a room may be told this. */
  #told(line: string): boolean {
    const [, missed] = NOTICE.exec(line) ?? []
    this.missed += Number(missed ?? 0)
    return missed !== undefined || / (joined|left)$/.test(line)
  }
}
