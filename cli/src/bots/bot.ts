import { once } from 'node:events'
import type { Socket } from 'node:net'
import { hear, ServerLines } from '@switchyard/protocols/chat'
import type { Heard } from '@switchyard/protocols/chat'

/** What stands in each line that a bot says: a mark, its number, when it was said (ms), and enough to make it as long as a person's. */
const MARK = '#'
const FILLING = 'The quick brown fox jumps over the lazy dog'
/** Lines that a stresser has said and not heard yet. */
const WINDOW = 8

/** What one bot knows of its own lines and of others'. */
export class Bot {
  readonly name: string
  readonly room: string
  /** Lines of bots that it has heard. */
  heard = 0
  /** Lines that the server has told it to have missed. */
  missed = 0
  /** Lines that came too fast, as the server has told it. */
  tooFast = 0
  /** Between saying a line and hearing it, ms: some of them. */
  readonly latencies: number[] = []
  /** What went wrong, if something did. */
  failure: string | undefined
  readonly #socket: Socket
  readonly #lines = new ServerLines()
  readonly #sampled: number
  readonly #now: () => number
  #sent = 0
  #outstanding = 0
  #flooding = false
  #stressing = false
  #leaving = false
  #joined = false

  /** Takes ownership of `socket`. Every `sampled`-th line that it says is timed. */
  constructor(socket: Socket, name: string, room: string, now: () => number, sampled: number) {
    this.#socket = socket
    this.name = name
    this.room = room
    this.#now = now
    this.#sampled = sampled
    socket.on('data', (chunk: Uint8Array) => {
      for (const line of this.#lines.add(chunk)) this.#take(hear(line))
    })
    socket.on('error', (error) => this.#ended(error.message))
    socket.on('close', () => this.#ended('the server closed the connection'))
    socket.write(`/name ${name}\n/join ${room}\n`)
  }

  /** It knows that it is in its room. */
  get joined(): boolean {
    return this.#joined
  }

  /** It has said lines that came too fast, and has not been told how many. */
  get flooding(): boolean {
    return this.#flooding
  }

  get sent(): number {
    return this.#sent
  }

  /** Everything is counted from now on: what was missed before are lines about others that joined. */
  begin(): void {
    this.missed = 0
    this.heard = 0
  }

  say(): void {
    if (this.failure !== undefined) return
    this.#sent++
    this.#outstanding++
    this.#socket.write(`${MARK}${this.#sent} ${this.#now()} ${FILLING}\n`)
  }

  /** From now on it says the next lines whenever it hears its own. */
  stress(): void {
    this.#stressing = true
    while (this.#outstanding < WINDOW) this.say()
  }

  /** It says nothing more by itself. */
  calm(): void {
    this.#stressing = false
  }

  /** Settles when the server has let it go. */
  leave(): Promise<unknown> {
    this.#leaving = true
    if (this.#socket.destroyed) return Promise.resolve()
    this.#socket.end('/quit\n')
    return once(this.#socket, 'close')
  }

  destroy(): void {
    this.#leaving = true
    this.#socket.destroy()
  }

  #take(heard: Heard): void {
    switch (heard.kind) {
      case 'said':
        return this.#takeLine(heard.name, heard.text)
      case 'missed':
        this.missed += heard.count
        this.#outstanding = 0 // Its own lines may be among them.
        break
      case 'entered':
        this.#joined ||= heard.room === this.room
        break
      case 'told': {
        const [, dropped] = /^(\d+) of your lines were dropped$/.exec(heard.text) ?? []
        if (dropped !== undefined) {
          this.tooFast += Number(dropped)
          this.#flooding = false
        } else if (heard.text.startsWith('You are too fast')) this.#flooding = true
        else if (/ is already taken$|^Name must|^Room must/.test(heard.text)) this.failure ??= heard.text
        break
      }
      case 'did':
      case 'earlier':
      case 'joined':
      case 'left':
      case 'named':
      case 'renamed':
      case 'rooms':
      case 'users':
      case 'whispered':
      case 'whispering':
        break
    }
    if (this.#stressing && !this.#flooding) while (this.#outstanding < WINDOW) this.say()
  }

  #takeLine(name: string, text: string): void {
    if (!text.startsWith(MARK)) return
    this.heard++
    if (name !== this.name) return
    this.#outstanding--
    const [number = '', at = ''] = text.slice(MARK.length).split(' ', 2)
    if (Number(number) % this.#sampled === 0) this.latencies.push(this.#now() - Number(at))
    if (this.#stressing && !this.#flooding) this.say()
  }

  #ended(why: string): void {
    if (!this.#leaving) this.failure ??= why
  }
}
