import { Random } from '@switchyard/core'
import { say } from '@switchyard/protocols/chat/simulated'
import type { ChatSay } from '@switchyard/protocols/chat/simulated'
import { send } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import type { Move } from '@switchyard/sim'
import type { Scenario } from './scenario.ts'

/** What one client sends, and not before when. */
export interface Planned<Say> {
  readonly at: number
  readonly move: Move<Say>
}

/** Everybody has connected by then. */
const BEGIN_MS = 600

/** For each client what it sends, in order. The same scenario makes the same traffic, whatever server it goes to. */
export function trafficOf(scenario: Scenario): readonly (readonly Planned<RouterSay>[])[] {
  return planned(scenario, (client, random, body) => {
    const to = destinationOf(scenario, client, random)
    return send(to, body())
  })
}

/** The same of a chat: everybody says lines. */
export function talkOf(scenario: Scenario): readonly (readonly Planned<ChatSay>[])[] {
  return planned(scenario, (_client, _random, body) => say(new TextDecoder().decode(body())))
}

function planned<Say>(
  scenario: Scenario,
  moveOf: (client: number, random: Random, body: () => Uint8Array) => Move<Say>,
): readonly (readonly Planned<Say>[])[] {
  const { clients, seed, everyMs, bodyBytes, durationMs } = scenario
  return Array.from({ length: clients }, (_, client) => {
    const random = new Random(seed * 64 + client)
    const moves: Planned<Say>[] = []
    let at = BEGIN_MS + random.below(everyMs)
    while (at < durationMs) {
      const body = (): Uint8Array => bodyOf(client, moves.length, Math.ceil(bodyBytes / 2) + random.below(bodyBytes))
      moves.push({ at, move: moveOf(client, random, body) })
      at += Math.ceil(everyMs / 2) + random.below(everyMs)
    }
    return moves
  })
}

function destinationOf({ clients, traffic }: Scenario, client: number, random: Random): number {
  switch (traffic) {
    case 'pairs': {
      const partner = client ^ 1
      return partner < clients ? partner : 0
    }
    case 'everyone': {
      const other = random.below(clients - 1)
      return other < client ? other : other + 1
    }
    case 'room': // Nobody is named.
    case 'one':
      return client === clients - 1 ? 0 : clients - 1
  }
}

/** A letter for its sender, its number, dots: no NUL. */
function bodyOf(client: number, number: number, length: number): Uint8Array {
  const text = `${String.fromCodePoint(0x61 + client)}${number}`.padEnd(length, '.')
  return new TextEncoder().encode(text)
}
