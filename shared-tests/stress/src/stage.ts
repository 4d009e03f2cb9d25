import { Client, Failure, wait, within } from '@switchyard/harness'
import type { Addressed, Crowd, CpuSample, Dialect, Echoes, FromSeveral, Requests, Talk } from '@switchyard/harness'
import { READ_BYTES } from '@switchyard/core'
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import { ForeignServer } from './server/foreign-server.ts'
import { HostedServer } from './server/hosted-server.ts'
import type { Memory, Seen, Server, Sight } from './server/server.ts'
import type { Subject } from './subject.ts'
import { Broken, Unable, Unseen } from './load/errors.ts'

/** A server that is alive answers within this time, on a busy machine too. */
const ANSWER_MS = 30_000
/** A batch of clients has its ids within this time. */
const CONNECT_MS = 60_000
/** A connection that a client has left is gone by then, on the server's side too. */
const GONE_MS = 30_000
const SAMPLE_MS = 10
/** So many connect at the same time: no backlog is that short. */
const CONNECTING_MAX = 250
/** A server that dies takes the connections down first: so long its end is waited for, as the better explanation. */
const LAST_WORDS_MS = 1_000

/** Errors of a connection that are this machine's, and not the server's. */
const MACHINE_ERRORS: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']

/** One server in a process of its own, and its clients. Whatever goes wrong at any moment ends every wait on it. */
export class Stage implements AsyncDisposable {
  readonly #server: Server
  readonly #buffer = new Uint8Array(READ_BYTES)
  readonly #clients: Client[] = []
  readonly #signal: AbortSignal | undefined
  readonly #failure = new Failure()
  readonly #dialect: Dialect
  readonly #aborted = (): void => this.fail(this.#signal?.reason)

  private constructor(server: Server, dialect: Dialect, signal: AbortSignal | undefined) {
    this.#server = server
    this.#dialect = dialect
    this.#signal = signal
    signal?.addEventListener('abort', this.#aborted)
    if (signal?.aborted) this.#aborted()
  }

  /** Rejects with Broken, or with Unable, if the server does not come up. */
  static async open(subject: Subject, limits: Partial<Limits>, signal?: AbortSignal): Promise<Stage> {
    signal?.throwIfAborted()
    const started = 'command' in subject ? ForeignServer.start(subject, limits) : HostedServer.start(subject, limits)
    return new Stage(await started, subject.dialect, signal)
  }

  /** At once: stalled clients are no reason to wait for a shutdown in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#aborted)
    for (const client of this.#clients) void client.leave('destroy')
    await this.#server.kill()
  }

  /** Ends the scene. The first reason is the one that counts. */
  get fail(): (why: unknown) => void {
    return this.#failure.fail
  }

  get limits(): Limits {
    return this.#server.limits
  }

  /** Counts messages of one length that several send to one client. Throws Unseen where the protocol's can't be told apart. */
  fromSeveral(messageBytes: number): FromSeveral {
    const counted = this.#dialect.several?.(messageBytes)
    if (counted) return counted
    throw new Unseen("messages of several senders to one client can't be told apart")
  }

  /** Messages from one client to another. Throws Unseen where the protocol has none. */
  pair(from: Addressed, to: Addressed): Talk {
    const talk = this.#dialect.pair?.(from, to)
    if (talk) return talk
    throw new Unseen('the protocol has no messages from one client to another')
  }

  /** Messages in a group. Throws Unseen where the protocol has none. */
  crowd(group: number): Crowd {
    const crowd = this.#dialect.crowd?.(group)
    if (crowd) return crowd
    throw new Unseen('the protocol has no groups')
  }

  /** Requests that are answered when they are durable. Throws Unseen where the protocol has none. */
  requests(): Requests {
    const requests = this.#dialect.requests?.()
    if (requests) return requests
    throw new Unseen('the protocol has no requests that are committed')
  }

  /** What comes back to whoever sends it. Throws Unseen where nothing does. */
  echoes(): Echoes {
    const echoes = this.#dialect.echoes?.()
    if (echoes) return echoes
    throw new Unseen('the protocol sends nothing back')
  }

  /** Settles when all of them have joined. */
  async join(clients: readonly Client[], crowd: Crowd): Promise<void> {
    const joined = Promise.all(clients.map((client) => client.join(crowd.join())))
    await this.within(CONNECT_MS, joined, `${clients.length} clients had not joined after ${CONNECT_MS / 1000} seconds`)
  }

  /** One message from one client to another. */
  message(from: Addressed, to: Addressed, messageBytes: number, fill: number): Uint8Array {
    return this.pair(from, to).message(messageBytes, fill)
  }

  /** Settles when so many more clients have their ids, of which at most `atATime` connect at the same time. */
  async connect(count: number, atATime: number = CONNECTING_MAX): Promise<readonly Client[]> {
    const connected: Client[] = []
    while (connected.length < count) {
      const batch = Array.from({ length: Math.min(atATime, count - connected.length) }, () => this.#client())
      await this.within(
        CONNECT_MS,
        Promise.all(batch.map((client) => client.connected)),
        `${batch.length} clients had no ids after ${CONNECT_MS / 1000} seconds`,
      )
      connected.push(...batch)
    }
    return connected
  }

  get sight(): Sight {
    return this.#server.sight
  }

  seen(): Promise<Seen> {
    return this.#answered(this.#server.seen(this.#clients))
  }

  /** Whether the server ended a connection that no client has left. False if that is not known. */
  hasEnded({ connections }: Seen): boolean {
    return connections.open < this.#clients.filter(({ greeted, left }) => greeted && !left).length
  }

  /** More than can be seen from outside. */
  statistics(): Promise<StatisticsSnapshot> {
    return this.#answered(this.#server.statistics())
  }

  memory(): Promise<Memory> {
    return this.#answered(this.#server.memory())
  }

  cpu(): Promise<CpuSample> {
    return this.#answered(this.#server.cpu())
  }

  /** Who waits for whom, as text. */
  waits(): Promise<string> {
    return this.#answered(this.#server.waits())
  }

  async pause(ms: number): Promise<void> {
    await this.unless(wait(ms))
  }

  /** Settles as `awaited` does, or rejects with what went wrong if that is earlier. */
  unless<Value>(awaited: Promise<Value>): Promise<Value> {
    return this.#failure.unless(awaited)
  }

  /** Ends these clients' connections. Settles when neither side has them any more; `others` is how many that leaves. */
  async leave(clients: readonly Client[], others: number): Promise<void> {
    await this.within(GONE_MS, Promise.all(clients.map((client) => client.leave('reset'))), 'clients could not leave')
    if (await this.openFallsTo(others)) return
    throw new Broken(`${clients.length} clients have left, and the server still counts more than ${others} connections`)
  }

  /** Whether the server counts no more open connections than so many, soon. */
  async openFallsTo(count: number): Promise<boolean> {
    const untilMs = performance.now() + GONE_MS
    while ((await this.seen()).connections.open > count) {
      if (performance.now() >= untilMs) return false
      await this.pause(SAMPLE_MS)
    }
    return true
  }

  /** As `unless`, and the server is to blame if it takes longer than `ms`: `late` says for what. */
  within<Value>(ms: number, awaited: Promise<Value>, late: string): Promise<Value> {
    return this.unless(
      within(ms, awaited, () => {
        throw new Broken(late)
      }),
    )
  }

  #client(): Client {
    const client = new Client({
      port: this.#server.port,
      buffer: this.#buffer,
      greeting: this.#dialect.greet(this.#clients.length + 1),
      lost: (why) => void this.#lost(why),
      keepalive: this.#dialect.keepalive,
    })
    this.#clients.push(client)
    return client
  }

  async #lost(why: NodeJS.ErrnoException): Promise<void> {
    if (MACHINE_ERRORS.includes(why.code)) return this.fail(new Unable(`a client could not connect: ${why.message}`))
    const how = await within(LAST_WORDS_MS, this.#server.ended, () => undefined)
    this.fail(new Broken(how === undefined ? `a client lost its connection: ${why.message}` : `the server ${how}`))
  }

  #answered<Value>(answer: Promise<Value>): Promise<Value> {
    return this.within(ANSWER_MS, answer, `the server did not answer for ${ANSWER_MS / 1000} seconds`)
  }
}
