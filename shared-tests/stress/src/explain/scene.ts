import { liveClock } from '@switchyard/core'
import { Failed } from '@switchyard/conformance'
import { Client, message } from '@switchyard/protocols/router/suite'
import type { Site } from '@switchyard/conformance'
import { Debts } from './debts.ts'

/** The size of an eager sender's message, body and all. */
const EAGER_BYTES = 1024
const BATCH_MESSAGES = 48
/** What both eager senders offer together, at most: far more than two kernels and a server that bounds its memory take. */
const OFFERED_BYTES_MAX = 32 * 1024 * 1024
/** A client of a pair that stands still sends so many messages, and then no more. */
const AHEAD_MAX = 16
/** How long a server may take to send an id, ms. */
const ID_MS = 2_500
/** Between two messages of a pair, ms. */
const PACE_MS = 5

/** A client that takes part, and what it sends to. */
interface Pair {
  readonly from: Client
  readonly to: Client
}

/**
 * Everybody on one server, and the ledger of what they have sent each other. Each message begins with its sender's id, so that
 * whoever receives it knows whom to thank. Disposing of it frees the sockets.
 */
export class Scene implements Disposable {
  readonly debts: Debts = new Debts()
  readonly stalled: Client
  readonly eager: readonly Client[]
  readonly pairs: readonly Pair[]
  readonly #all: readonly Client[]
  #over = false
  #flooding = true
  #takenBytes = 0

  private constructor(all: readonly Client[]) {
    const [stalled, first, second, a, b, c, d] = all
    if (!stalled || !first || !second || !a || !b || !c || !d) throw new Error('the scene needs seven clients')
    this.#all = all
    this.stalled = stalled
    this.eager = [first, second]
    this.pairs = [
      { from: a, to: b },
      { from: c, to: d },
    ]
  }

  /** Rejects with Unreachable if nobody is there, and with Failed if a client is not let in. */
  static async on(site: Site): Promise<Scene> {
    const clients: Client[] = []
    try {
      for (let i = 1; i <= 7; i++) {
        const client = new Client(`client ${i}`, await site.connect())
        clients.push(client)
        await admit(client)
      }
      return new Scene(clients)
    } catch (error) {
      for (const client of clients) client.destroy()
      throw error
    }
  }

  /** The pairs begin to exchange messages, each a few ahead of what has come. */
  begin(): void {
    for (const client of this.#all) if (client !== this.stalled) void this.#receive(client)
    for (const pair of this.pairs) void this.#chat(pair)
  }

  /** One client stops reading, and the eager ones send to it whatever anybody takes. */
  stall(): void {
    this.stalled.pause()
    for (const client of this.eager) void this.#flood(client)
  }

  /** Nothing more is sent from now on, and everybody reads. */
  relent(): void {
    this.#flooding = false
    void this.#receive(this.stalled)
    this.stalled.resume()
  }

  /** Bytes taken of what the eager senders offered. */
  get takenBytes(): number {
    return this.#takenBytes
  }

  /** Whether the eager senders have nothing left to offer. */
  get offeredAll(): boolean {
    return this.#takenBytes + EAGER_BYTES * BATCH_MESSAGES > OFFERED_BYTES_MAX
  }

  /** Whose connection the server has ended, as far as they could notice: whoever does not read may not. */
  get ended(): readonly Client[] {
    return this.#all.filter(({ ending }) => ending !== undefined)
  }

  [Symbol.dispose](): void {
    this.#over = true
    for (const client of this.#all) client.destroy()
  }

  async #receive(client: Client): Promise<void> {
    for (;;) {
      const body = await client.nextOrEnd()
      if (body === undefined) break
      const sender = senderOf(body)
      if (sender !== undefined) this.debts.received(sender, client.id)
    }
    if (!this.#over) this.debts.forgive(client.id)
  }

  async #chat({ from, to }: Pair): Promise<void> {
    const ahead = (): number =>
      this.debts.standing().find((debt) => debt.from === from.id && debt.to === to.id)?.messages ?? 0
    while (!this.#over && this.#flooding) {
      if (ahead() < AHEAD_MAX && !(await this.#send(from, to, bodyOf(from, 32), 1))) return
      await pause(PACE_MS)
    }
  }

  async #flood(from: Client): Promise<void> {
    const body = bodyOf(from, EAGER_BYTES)
    while (!this.#over && this.#flooding && !this.offeredAll) {
      if (!(await this.#send(from, this.stalled, body, BATCH_MESSAGES))) return
      this.#takenBytes += EAGER_BYTES * BATCH_MESSAGES
    }
  }

  /** False if the connection has ended. */
  async #send(from: Client, to: Client, body: string, messages: number): Promise<boolean> {
    try {
      await from.send(Buffer.concat(Array.from({ length: messages }, () => message(to.id, body))))
      this.debts.sent(from.id, to.id, liveClock.now(), messages)
      return true
    } catch {
      return false // How it ended is in `ended`.
    }
  }
}

/** Throws Failed unless the server sends an id, soon. */
async function admit(client: Client): Promise<void> {
  const admitted = await Promise.race([client.admitted(), pause(ID_MS)])
  if (admitted === undefined) throw new Failed(`the server sent ${client.name} no id within ${ID_MS / 1000} s`, 'late')
  if (!admitted)
    throw new Failed(`the server closed the connection of ${client.name} without sending its id`, 'not-admitted')
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void liveClock.after(ms, resolve))
}

function bodyOf(from: Client, bytes: number): string {
  return `${from.id}:`.padEnd(bytes, '.')
}

/** Undefined for what none of the clients sent. */
function senderOf(body: Uint8Array): number | undefined {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 12)).toString('latin1')
  const id = /^(\d+):/.exec(head)?.[1]
  return id === undefined ? undefined : Number(id)
}
