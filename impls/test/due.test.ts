/** Steps that belong to no client's chunk, on every pattern: the bell's suite; and what only patterns that never wait for a client do. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { ManualClock } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import { conformance, conformanceOf } from '@switchyard/conformance/vitest'
import { listen, portOf } from '@switchyard/core/tcp'
import { BELL } from '@switchyard/protocols/bell/suite'
import { simulated } from '@switchyard/simulated'
import { expect, test } from 'vitest'
import { PATTERNS } from '../index.ts'

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

for (const pattern of PATTERNS) {
  conformance(BELL, pattern)
  conformanceOf(BELL, simulated(BELL, pattern))
}

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

/** The link is the first one, which takes nothing; what is sent to it and what it causes is the protocol's own affair. */
class Link extends Loud {
  override connected(client: ClientId, out: Outbox): void {
    if (client === 1) out.pace(1)
    super.connected(client, out)
  }
}

test.each(CARELESS.slice(1).map((pattern) => [pattern.name, pattern] as const))(
  '%s holds nobody back for a link',
  async (_, pattern) => {
    const listener = await listen()
    await using server = pattern.serve(new Link(), listener, { clock: new ManualClock() })
    const link = await dial(portOf(listener))
    link.pause()
    const loud = await dial(portOf(listener))
    loud.write('?')
    await once(loud, 'data')
    expect(server.waits.render()).toBe('nobody waits')
    link.destroy()
    loud.destroy()
  },
)
