import type { Dialect, IncomingAnswers } from '@switchyard/harness/portable'
import { DEFAULT_LIMITS } from '../src/index.ts'
import { loadAccount } from './demo.ts'
import { enter, login, packet } from './messages.ts'

const LETTER = { accepted: 0x41, heartbeat: 0x48, sequenced: 0x53 } as const
/** A login accepted, with its length: a type, a session, a number. */
const ACCEPTED_BYTES = 33
/** Accounts of a load. */
const ACCOUNTS = 128
/** More than a server under load queues for a client, so that one that does not read is felt where it can be. */
const WINDOW_BYTES = 2 ** 20

/** Everybody has an account of its own. A request is an order that finds nothing and is gone: accepted, and canceled. */
export const DIALECT: Dialect = {
  routes: false,
  options: { loadAccounts: ACCOUNTS, windowBytes: WINDOW_BYTES, silenceMs: 2 ** 31 - 1 },
  greet: (number) => {
    const name = loadAccount(number)
    let heard = new Uint8Array(0)
    return {
      says: login(name, `pw${name}`),
      hears(bytes) {
        heard = Uint8Array.from([...heard, ...bytes])
        return heard.length < ACCEPTED_BYTES ? undefined : { rest: heard.subarray(ACCEPTED_BYTES), address: name }
      },
    }
  },
  requests: () => ({
    beatMs: DEFAULT_LIMITS.heartbeatMs,
    request: (number) => packet('U', enter(`T${number}`, { shares: 1, price: 1, timeInForce: 0 })),
    incoming: () => new Told(),
  }),
}

/** The packets that a client is sent, in any pieces: looks at the length, the type, and the type of a message. */
class Told implements IncomingAnswers {
  messages = 0
  beats = 0
  /** How much has come of a packet, its length included, and how long it is. */
  #at = 0
  #length = 0
  #type = 0

  get whole(): boolean {
    return this.#at === 0
  }

  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      const byte = chunk[at] ?? 0
      if (this.#at === 0) this.#length = 2 + (byte << 8)
      else if (this.#at === 1) this.#length += byte
      else if (this.#at === 2) this.#type = byte
      else if (this.#at === 3 && this.#type === LETTER.sequenced && byte === LETTER.accepted) this.messages++
      if (this.#at === 2 && byte === LETTER.heartbeat) this.beats++
      else if (this.#at === 2 && byte !== LETTER.sequenced) return false
      const skipped = this.#at < 3 ? 1 : Math.min(this.#length - this.#at, chunk.length - at)
      at += skipped
      this.#at += skipped
      if (this.#at > 2 && this.#at === this.#length) this.#at = 0
    }
    return true
  }
}
