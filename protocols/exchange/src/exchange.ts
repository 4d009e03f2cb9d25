/**
 * The exchange: sessions over SoupBinTCP that send OUCH commands to one engine, and read what it tells their accounts.
 *
 * Idea       What an account is told stands in its stream. A session is a cursor in it, and is sent what lies behind the cursor as
 *            far as the client reads: nobody waits for a slow one, it misses nothing, and it costs no more memory than a fast one.
 * Durable    A command is appended to the journal in the step that decides it. `ServeOptions.commit`, which is the journal's `sync`,
 *            keeps what the step sends until the disk has it: what a client has read, no crash can undo.
 * Read       from `received` down. Clauses are those of docs/protocols/exchange.md.
 */
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import type { Account } from './accounts.ts'
import { Engine } from './engine.ts'
import type { EngineOptions } from './engine.ts'
import { encodeTop, topOf, Watchers } from './feed.ts'
import { DAY_ENDED, RecordWriter, SESSION_ENDED } from './journal.ts'
import type { CommandJournal } from './journal.ts'
import { CANCEL, CANCEL_AT, COMMAND_BYTES, uint32At } from './ouch.ts'
import {
  encodeLoginAccepted,
  encodeLoginRejected,
  encodePacket,
  FROM_CLIENT,
  FROM_SERVER,
  loginOf,
  PacketReader,
} from './packets.ts'
import type { LoginRefusal } from './packets.ts'
import { Recency } from './recency.ts'
import type { Cursor } from './stream.ts'

export interface ExchangeOptions extends EngineOptions {
  /**
   * Whether this is the account's password, ten bytes padded with spaces. It is asked for names that no account has, too, so that
   * the time it takes tells nothing.
   */
  readonly authorize: (name: string, password: Uint8Array) => boolean
  /** Absent: commands are not kept, and a crash loses them. */
  readonly journal?: CommandJournal
  /** The wall clock where the server's clock is 0, ms since 1970. Default: 0. */
  readonly epochMs?: number
  /** When the first day ends and how long each one is, ms since 1970. Absent: the day does not end. */
  readonly day?: { readonly firstEnd: number; readonly ms: number }
}

/** A whole number each; `RANGES` says from where to where. */
export interface ExchangeLimits {
  /** X2.5: a client is sent a heartbeat when it was sent nothing for so long. */
  readonly heartbeatMs: number
  /** X2.5: and it is gone when nothing was heard of it for so long. */
  readonly silenceMs: number
  /** X2.1: how long a client may take to log in. */
  readonly loginMs: number
  /** X5.3: at most so much of a stream is queued for a client. */
  readonly windowBytes: number
  /** X7.2: memory of all streams of a day; behind it only whole orders can be cancelled. */
  readonly streamBytesMax: number
}

export const LIMIT_NAMES = ['heartbeatMs', 'silenceMs', 'loginMs', 'windowBytes', 'streamBytesMax'] as const
export const RANGES: Readonly<Record<keyof ExchangeLimits, readonly [min: number, max: number]>> = {
  heartbeatMs: [1, 2 ** 31 - 1],
  silenceMs: [1, 2 ** 31 - 1],
  loginMs: [1, 2 ** 31 - 1],
  windowBytes: [1, 2 ** 20],
  streamBytesMax: [1024, 2 ** 40],
}
export const DEFAULT_LIMITS: ExchangeLimits = {
  heartbeatMs: 1_000,
  silenceMs: 15_000,
  loginMs: 15_000,
  windowBytes: 64 * 1024,
  streamBytesMax: 2 ** 28,
}

interface Session {
  readonly client: ClientId
  readonly reader: PacketReader
  account: Account | undefined
  /** Where it is in its account's stream. */
  cursor: Cursor | undefined
  ended: boolean
}

const HEARTBEAT = encodePacket(FROM_SERVER.heartbeat)
const END_OF_SESSION = encodePacket(FROM_SERVER.endOfSession)
const COMMANDLESS = new Uint8Array(1)

export class Exchange implements Protocol {
  readonly engine: Engine
  readonly #options: ExchangeOptions
  readonly #limits: ExchangeLimits
  readonly #records = new RecordWriter()
  readonly #sessions = new Map<ClientId, Session>()
  readonly #byAccount = new Map<Account, Session>()
  readonly #watchers = new Watchers()
  /** Not logged in, by when they came. */
  readonly #strangers = new Recency()
  /** Logged in, by when something was last read from them, and sent to them. */
  readonly #heard = new Recency()
  readonly #told = new Recency()
  #dayEnd: number

  /** Throws RangeError: names what is wrong, and what it may be. An `engine` that was restored goes on where it stands. */
  constructor(options: ExchangeOptions & Partial<ExchangeLimits>, engine: Engine = new Engine(options)) {
    this.#options = options
    this.#limits = limitsOf(options)
    this.engine = engine
    this.#dayEnd = options.day?.firstEnd ?? Infinity
  }

  get journal(): CommandJournal | undefined {
    return this.#options.journal
  }

  /** Accounts that are logged in. */
  get sessions(): number {
    return this.#byAccount.size
  }

  connected(client: ClientId, out: Outbox): void {
    this.#sessions.set(client, {
      client,
      reader: new PacketReader(),
      account: undefined,
      cursor: undefined,
      ended: false,
    })
    this.#strangers.touch(client, out.now)
    out.wakeAt(out.now + this.#limits.loginMs)
    if (this.#dayEnd < Infinity) out.wakeAt(this.#dayEnd - this.#epochMs)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const session = this.#sessions.get(client)
    if (!session || session.ended) return
    if (session.account) this.#heard.touch(client, out.now)
    const sound = session.reader.read(chunk, (bytes, start, end) => {
      this.#take(session, bytes, start, end, out)
      return !session.ended
    })
    if (!sound) this.#end(session, 'a packet is empty or too long', out)
    this.#tell(out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    const session = this.#sessions.get(client)
    if (!session) return
    this.#sessions.delete(client)
    this.#forget(session, out)
    this.#tell(out)
  }

  heldBytes(client: ClientId): number {
    return this.#sessions.get(client)?.reader.heldBytes ?? 0
  }

  /** X5.3. What was queued has left: the next part of the stream. And X6.4: a watcher that missed something sees how it stands. */
  drained(client: ClientId, out: Outbox): void {
    const session = this.#sessions.get(client)
    if (session) this.#send(session, out)
    if (this.#watchers.has(client)) this.#show(client, out.missed(client), out)
  }

  woken(out: Outbox): void {
    const { now } = out
    const { heartbeatMs, silenceMs, loginMs } = this.#limits
    if (now + this.#epochMs >= this.#dayEnd) this.#endDay(out)
    this.#overdue(this.#strangers, now - loginMs, (session) => this.#end(session, 'did not log in', out))
    this.#overdue(this.#heard, now - silenceMs, (session) => this.#end(session, 'silent', out))
    this.#overdue(this.#told, now - heartbeatMs, ({ client }) => {
      if (out.queued(client) === 0) out.send(client, HEARTBEAT)
      this.#told.touch(client, now)
    })
    this.#tell(out)
    for (const [clients, ms] of [
      [this.#strangers, loginMs],
      [this.#heard, silenceMs],
      [this.#told, heartbeatMs],
    ] as const) {
      if (clients.oldest) out.wakeAt(clients.oldest.at + ms)
    }
    if (this.#dayEnd < Infinity) out.wakeAt(this.#dayEnd - this.#epochMs)
  }

  #take(session: Session, bytes: Uint8Array, start: number, end: number, out: Outbox): void {
    switch (bytes[start] ?? 0) {
      case FROM_CLIENT.data:
        return this.#command(session, bytes, start + 1, end, out)
      case FROM_CLIENT.login:
        return this.#logIn(session, bytes, start, end, out)
      case FROM_CLIENT.logout:
        return this.#end(session, 'logged out', out)
      case FROM_CLIENT.heartbeat:
      case FROM_CLIENT.debug:
        return undefined
      default:
        return this.#end(session, 'a packet has an unknown type', out)
    }
  }

  /** X1.4, X3. */
  #command(session: Session, bytes: Uint8Array, start: number, end: number, out: Outbox): void {
    const { account } = session
    if (!account) return this.#end(session, 'not logged in', out)
    if (COMMAND_BYTES.get(bytes[start] ?? 0) !== end - start) return this.#end(session, 'a command is malformed', out)
    if (account.watches) return this.#end(session, 'this account may not trade', out)
    if (this.#isFull && !isWholeCancel(bytes, start)) return this.#end(session, "the day's streams are full", out)
    const time = this.#timeAt(out.now)
    if (this.engine.apply(account, time, bytes, start)) this.#append(time, account.name, bytes, start, end)
  }

  /** X2. */
  #logIn(session: Session, bytes: Uint8Array, start: number, end: number, out: Outbox): void {
    if (session.account) return this.#end(session, 'is logged in', out)
    const login = loginOf(bytes, start, end)
    if (!login) return this.#end(session, 'a login is malformed', out)
    // Asked first, whatever else is wrong: refusals do not differ in time.
    const authorized = this.#options.authorize(login.name, login.password)
    const account = this.engine.accountOf(login.name)
    if (!authorized || !account) return this.#refuse(session, 'not-authorized', out)
    const { stream } = account
    const current = String(this.engine.session)
    const sequence = login.sequence === 0 ? stream.count + 1 : login.sequence
    if ((login.session !== '' && login.session !== current) || sequence === undefined || sequence > stream.count + 1) {
      return this.#refuse(session, 'no-such-session', out)
    }
    const before = this.#byAccount.get(account)
    this.#byAccount.set(account, session)
    if (before) this.#end(before, 'taken over', out)
    session.account = account
    session.cursor = stream.cursor(sequence - 1)
    this.#strangers.delete(session.client)
    this.#heard.touch(session.client, out.now)
    this.#told.touch(session.client, out.now)
    out.wakeAt(out.now + this.#limits.heartbeatMs)
    out.give(session.client, encodeLoginAccepted(current, sequence))
    if (account.watches) {
      this.#watchers.add(session.client)
      this.#show(session.client, 0, out)
    }
    this.#send(session, out)
  }

  #refuse(session: Session, why: LoginRefusal, out: Outbox): void {
    out.give(session.client, encodeLoginRejected(why))
    this.#end(session, why, out)
  }

  /** Everybody whose stream has grown in this step, and everybody who watches a book that has changed. */
  #tell(out: Outbox): void {
    for (const account of this.engine.grown) {
      const session = this.#byAccount.get(account)
      if (session) this.#send(session, out)
    }
    this.engine.grown.clear()
    for (const stock of this.engine.changed) {
      const symbol = this.engine.symbols[stock] ?? ''
      const book = this.engine.bookOf(symbol)
      if (book && this.#watchers.size > 0) out.offerAll(this.#watchers, encodeTop(topOf(symbol, book)))
    }
    this.engine.changed.clear()
  }

  /** X5. What lies behind the session's cursor, as much as the client may have queued. */
  #send({ client, account, cursor, ended }: Session, out: Outbox): void {
    if (!account || !cursor || ended) return
    const { windowBytes } = this.#limits
    while (cursor.passed < account.stream.count) {
      const room = windowBytes - out.queued(client)
      if (room <= 0) return out.whenQueued(client, windowBytes >> 1)
      const segment = account.stream.take(cursor, out.apart ? 1 : room)
      if (!segment) return
      out.send(client, segment.bytes, segment.start, segment.end, segment.messages)
      this.#told.touch(client, out.now)
    }
  }

  #show(client: ClientId, missed: number, out: Outbox): void {
    for (const symbol of this.engine.symbols) {
      const book = this.engine.bookOf(symbol)
      if (book) out.offer(client, encodeTop(topOf(symbol, book, missed)))
    }
    this.#told.touch(client, out.now)
  }

  /** X2.6. */
  #endDay(out: Outbox): void {
    const { day } = this.#options
    if (!day) return
    const time = this.#timeAt(out.now)
    while (time >= this.#dayEnd) this.#dayEnd += day.ms
    for (const session of this.#byAccount.values()) {
      this.#send(session, out)
      out.send(session.client, END_OF_SESSION)
      this.#end(session, 'the day has ended', out)
    }
    this.engine.dayEnded(time)
    COMMANDLESS[0] = DAY_ENDED
    this.#append(time, '', COMMANDLESS, 0, 1)
  }

  #end(session: Session, why: string, out: Outbox): void {
    if (session.ended) return
    this.#send(session, out) // What it was told in this step, too.
    session.ended = true
    out.close(session.client, why)
    this.#forget(session, out)
  }

  /** What a session leaves behind when it is over: once, whoever ended it. */
  #forget(session: Session, out: Outbox): void {
    const { client, account } = session
    session.ended = true
    session.account = undefined
    for (const clients of [this.#strangers, this.#heard, this.#told]) clients.delete(client)
    this.#watchers.delete(client)
    if (!account || this.#byAccount.get(account) !== session) return // It was taken over: its orders have another session.
    this.#byAccount.delete(account)
    const time = this.#timeAt(out.now)
    if (!this.engine.sessionEnded(account, time)) return
    COMMANDLESS[0] = SESSION_ENDED
    this.#append(time, account.name, COMMANDLESS, 0, 1)
  }

  #append(time: number, name: string, bytes: Uint8Array, start: number, end: number): void {
    this.#options.journal?.append(this.#records.write(time, name, bytes, start, end))
  }

  #overdue(clients: Recency, until: number, act: (session: Session) => void): void {
    for (let oldest = clients.oldest; oldest && oldest.at <= until; oldest = clients.oldest) {
      const session = this.#sessions.get(oldest.client)
      if (session) act(session)
      else clients.delete(oldest.client)
    }
  }

  /** Wall-clock time: never less than that of the command before, even if a clock was set back. */
  #timeAt(now: number): number {
    return Math.max(this.engine.time, now + this.#epochMs)
  }

  get #epochMs(): number {
    return this.#options.epochMs ?? 0
  }

  get #isFull(): boolean {
    return this.engine.streamBytes >= this.#limits.streamBytesMax
  }
}

function isWholeCancel(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === CANCEL && uint32At(bytes, start + CANCEL_AT.shares) === 0
}

function limitsOf(options: Partial<ExchangeLimits>): ExchangeLimits {
  const limits = { ...DEFAULT_LIMITS }
  for (const name of LIMIT_NAMES) {
    const [min, max] = RANGES[name]
    const value = options[name] ?? DEFAULT_LIMITS[name]
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`)
    }
    Object.assign(limits, { [name]: value })
  }
  return limits
}
