/**
 * N4.1, counted: a client that reads nothing is flooded from two other nodes until nothing moves. Then everybody else must get through all
 * that was said before the flood, and the nodes must not read more for it. No time is measured.
 */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { limitsOf, READ_BYTES } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { ClientDecoder, encodeMessage } from '@switchyard/protocols/router'
import { expect, test } from 'vitest'
import { SpreadSite } from './spread.ts'

const NODES = 3
/** On each of two nodes. With more than one, each sends a chunk beyond the window. */
const FLOODERS = 6
const ROUNDS = 40
/** In these, whoever sends waits with the write (G2): the node of a stalled client stops, as a single server does. The others go on. */
const STOPS_ITS_NODE: readonly string[] = ['mutex', 'channels']
const WINDOW_BYTES = 256 * 1024
const LIMITS = limitsOf()

class Client {
  readonly #stream: Duplex
  readonly id: number
  #heard = 0
  #waiting: (() => void) | undefined

  private constructor(stream: Duplex, id: number) {
    this.#stream = stream
    this.id = id
    stream.on('error', () => {}) // The site is released first.
  }

  static async connect(site: SpreadSite): Promise<Client> {
    const stream = await site.connect()
    const decoder = new ClientDecoder(LIMITS)
    while (decoder.id === undefined) {
      await once(stream, 'readable')
      decoder.decode(Buffer.from(stream.read() ?? []))
    }
    return new Client(stream, decoder.id)
  }

  get heard(): number {
    return this.#heard
  }

  listen(): void {
    this.#stream.on('data', (bytes: Buffer) => {
      for (const byte of bytes) if (byte === 0) this.#heard++
      this.#waiting?.()
    })
  }

  async hears(messages: number): Promise<void> {
    while (this.#heard < messages) await new Promise<void>((wake) => (this.#waiting = wake))
  }

  say(to: Client): void {
    this.#stream.write(encodeMessage(to.id, Uint8Array.of(1)))
  }

  flood(to: Client): void {
    const message = encodeMessage(to.id, new Uint8Array(512).fill(1))
    const chunk = Buffer.concat(Array.from({ length: READ_BYTES / 512 }, () => message))
    const more = (): void => {
      while (this.#stream.write(chunk));
    }
    this.#stream.on('drain', more)
    more()
  }

  destroy(): void {
    this.#stream.destroy()
  }
}

/** Each says a word to the next one, and everybody waits for it. Returns how many words came, once nothing moves. */
async function rounds(site: SpreadSite, talkers: readonly Client[]): Promise<number> {
  const heard = (): number => talkers.reduce((sum, each) => sum + each.heard, 0)
  const before = heard()
  const marks = talkers.map((talker) => talker.heard)
  const talk = async (): Promise<void> => {
    for (let round = 1; round <= ROUNDS; round++) {
      for (const [index, talker] of talkers.entries()) talker.say(talkers[(index + 1) % talkers.length] ?? talker)
      await Promise.all(talkers.map((talker, index) => talker.hears((marks[index] ?? 0) + round)))
    }
  }
  await Promise.race([talk(), site.settled(() => String(heard()))])
  return heard() - before
}

function bytesIn(site: SpreadSite): number {
  return site.perNode().reduce((sum, { bytesIn: bytes }) => sum + bytes, 0)
}

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))(
  'N4.1 %s: a stalled client that two nodes flood costs others nothing',
  async (name, pattern) => {
    const site = await SpreadSite.open(pattern, NODES, LIMITS)
    const connect = (count: number): Promise<Client[]> =>
      Array.from({ length: count }).reduce<Promise<Client[]>>(
        async (clients) => [...(await clients), await Client.connect(site)],
        Promise.resolve([]),
      )
    const clients = await connect(NODES * (FLOODERS + 1) + NODES * 2)
    const [stalled] = clients
    if (!stalled) throw new Error('nobody is connected')
    const flooders = clients.slice(NODES, NODES * (FLOODERS + 1)).filter((_, index) => index % NODES !== 0)
    const talkers = clients
      .slice(NODES * (FLOODERS + 1))
      .filter((_, index) => index % NODES !== 0 || !STOPS_ITS_NODE.includes(name))
    for (const talker of talkers) talker.listen()

    const words = ROUNDS * talkers.length
    const started = bytesIn(site)
    expect(await rounds(site, talkers)).toBe(words)
    const quietBytes = bytesIn(site) - started
    for (const flooder of flooders) flooder.flood(stalled)
    await site.settled(() => '')
    const flooded = bytesIn(site)
    expect(await rounds(site, talkers)).toBe(words)
    expect(bytesIn(site) - flooded).toBeLessThanOrEqual(quietBytes / 0.95)
    const most = LIMITS.queuedBytesMax + (NODES - 1) * (WINDOW_BYTES + FLOODERS * READ_BYTES)
    expect(Math.max(...site.perNode().map(({ held }) => held.total))).toBeLessThanOrEqual(most)

    for (const client of clients) client.destroy()
    await site.release()
  },
)
