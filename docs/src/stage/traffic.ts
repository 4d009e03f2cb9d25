import { Random } from '@switchyard/core'
import { send } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import type { Move } from '@switchyard/sim'
import type { Scenario } from './scenario.ts'

/** What one client sends, and not before when. */
export interface Planned {
  readonly at: number
  readonly move: Move<RouterSay>
}

/** Everybody has connected by then. */
const BEGIN_MS = 600

/** For each client what it sends, in order. The same scenario makes the same traffic, whatever server it goes to. */
export function trafficOf(scenario: Scenario): readonly (readonly Planned[])[] {
  const { clients, seed, everyMs, bodyBytes, durationMs } = scenario
  return Array.from({ length: clients }, (_, client) => {
    const random = new Random(seed * 64 + client)
    const planned: Planned[] = []
    let at = BEGIN_MS + random.below(everyMs)
    while (at < durationMs) {
      const to = destinationOf(scenario, client, random)
      const body = bodyOf(client, planned.length, Math.ceil(bodyBytes / 2) + random.below(bodyBytes))
      planned.push({ at, move: send(to, body) })
      at += Math.ceil(everyMs / 2) + random.below(everyMs)
    }
    return planned
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
    case 'one':
      return client === clients - 1 ? 0 : clients - 1
  }
}

/** A letter for its sender, its number, dots: no NUL. */
function bodyOf(client: number, number: number, length: number): Uint8Array {
  const text = `${String.fromCodePoint(0x61 + client)}${number}`.padEnd(length, '.')
  return new TextEncoder().encode(text)
}
