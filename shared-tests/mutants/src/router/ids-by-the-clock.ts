/**
 * Idea      Time never comes twice, so it makes an id that nobody had before.
 * Flaw      Two who connect in the same millisecond get the same one.
 * Seen by   R2.1-different-ids-at-one-moment: clients that connect at the same moment have different ids.
 */
import { liveClock, forwardingProtocol } from '@switchyard/core'
import type { ClientId, Clock, Listener, Protocol, ServeOptions } from '@switchyard/core'
import { encodeId, rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

const NOBODY = 0

class Timed extends SoundServer {
  constructor(protocol: Protocol, listener: Listener, options: ServeOptions) {
    super(timed(protocol, options.clock ?? liveClock), listener, options)
  }
}

function timed(protocol: Protocol, clock: Clock): Protocol {
  const clientOf = new Map<number, ClientId>()
  return forwardingProtocol(
    rerouted(protocol, ({ to, bytes }, out) => out.send(clientOf.get(to) ?? NOBODY, bytes)),
    {
      connected(client, out) {
        const id = 1 + Math.floor(clock.now())
        clientOf.set(id, client)
        out.send(client, encodeId(id))
      },
    },
  )
}

export const idsByTheClock: Mutant = {
  seenBy: 'R2.1',
  case: 'R2.1-different-ids-at-one-moment',
  reason: 'different ids: expected 40, received 1',
  pattern: soundBut('ids-by-the-clock', { Server: Timed }),
}
