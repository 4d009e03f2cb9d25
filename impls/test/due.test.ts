/** Steps that belong to no client's chunk, on every pattern over real sockets: time, a drained queue, farewells. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { ManualClock } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'

/** A bell: it rings for everybody at 100, 200 and 300 ms, and then closes whoever is there; at a shutdown it says goodbye. */
class Bell implements Protocol {
  readonly #clients = new Set<ClientId>()
  #rung = 0

  connected(client: ClientId, out: Outbox): void {
    if (this.#clients.size === 0) out.wakeAt(100)
    this.#clients.add(client)
    out.send(client, Uint8Array.of(0x68))
  }

  /** Whoever says something hears of it when nothing is queued for it any more. */
  received(client: ClientId, _: Uint8Array, out: Outbox): void {
    out.whenQueued(client, 0)
  }

  drained(client: ClientId, out: Outbox): void {
    out.send(client, Uint8Array.of(0x64))
  }

  woken(out: Outbox): void {
    this.#rung++
    for (const client of this.#clients) out.send(client, Uint8Array.of(0x30 + this.#rung))
    if (this.#rung < 3) out.wakeAt(out.now + 100)
    else for (const client of this.#clients) out.close(client, 'the bell has rung')
  }

  stopping(out: Outbox): void {
    for (const client of this.#clients) out.send(client, Uint8Array.of(0x62))
  }

  disconnected(client: ClientId): void {
    this.#clients.delete(client)
  }

  heldBytes(): number {
    return 0
  }
}

async function heard(socket: Socket, text: string): Promise<void> {
  let read = ''
  while (read.length < text.length) read += String((await once(socket, 'data'))[0])
  expect(read).toBe(text)
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await heard(socket, 'h')
  return socket
}

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s takes what is due', async (_, pattern) => {
  const listener = await listen()
  const clock = new ManualClock()
  await using server = pattern.serve(new Bell(), listener, { clock })
  const [one, two] = [await dial(portOf(listener)), await dial(portOf(listener))]
  for (const ring of ['1', '2', '3']) {
    const both = Promise.all([heard(one, ring), heard(two, ring)])
    clock.advance(100)
    await both
  }
  await Promise.all([once(one, 'end'), once(two, 'end')])
  one.destroy()
  two.destroy()
  await server.shutdown()
  expect(server.statistics().lastCloses.map(({ why }) => why)).toEqual(['the bell has rung', 'the bell has rung'])
})

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))(
  '%s tells of a drained queue, and says goodbye before it closes',
  async (_, pattern) => {
    const listener = await listen()
    const server = pattern.serve(new Bell(), listener, { clock: new ManualClock() })
    const [one, two] = [await dial(portOf(listener)), await dial(portOf(listener))]
    const drained = heard(one, 'd')
    one.write('?')
    await drained
    const goodbye = Promise.all([heard(one, 'b'), heard(two, 'b'), once(one, 'end'), once(two, 'end')])
    const end = server.shutdown()
    await goodbye
    one.end()
    two.end()
    await end
    expect(server.statistics().held.total).toBe(0)
  },
)

const PIECE = new Uint8Array(256 * 1024)
const CARELESS = PATTERNS.filter(({ name }) => ['channel-per-writer', 'race', 'reactor'].includes(name))

/** What the first client says is offered to the second one, piece by piece; the first hears how much the second has missed. */
class Offers implements Protocol {
  connected(client: ClientId, out: Outbox): void {
    out.send(client, Uint8Array.of(0x68))
  }

  received(client: ClientId, _: Uint8Array, out: Outbox): void {
    out.offer(2, PIECE)
    out.send(client, Uint8Array.of(0x30 + out.missed(2)))
  }

  disconnected(): void {}

  heldBytes(): number {
    return 0
  }
}

test.each(CARELESS.map((pattern) => [pattern.name, pattern] as const))(
  '%s refuses an offer to a client that does not read, wherever it holds what came before',
  async (_, pattern) => {
    const listener = await listen()
    await using server = pattern.serve(new Offers(), listener, { clock: new ManualClock() })
    const talker = await dial(portOf(listener))
    const stalled = await dial(portOf(listener))
    stalled.pause()
    for (let missed = 0; missed === 0;) {
      const answer = once(talker, 'data')
      talker.write('?')
      missed = Number(String((await answer)[0]))
    }
    expect(server.statistics().drops.refused.sends).toBe(1)
    talker.destroy()
    stalled.destroy()
  },
)

/** Whoever comes as the second one sends more than the first one may be owed. */
class Loud extends Offers {
  override connected(client: ClientId, out: Outbox): void {
    super.connected(client, out)
    if (client === 2) for (let sent = 0; sent < 64; sent++) out.send(1, PIECE)
  }
}

test.each(CARELESS.slice(1).map((pattern) => [pattern.name, pattern] as const))(
  '%s holds a client back for what its coming has sent',
  async (_, pattern) => {
    const listener = await listen()
    await using server = pattern.serve(new Loud(), listener, { clock: new ManualClock() })
    const stalled = await dial(portOf(listener))
    stalled.pause()
    const loud = await dial(portOf(listener))
    while (server.waits.edges().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(server.waits.render()).toContain('client 2 waits for room')
    stalled.destroy()
    loud.destroy()
  },
)
