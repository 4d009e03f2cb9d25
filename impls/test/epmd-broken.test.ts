/** EPMD's cases of time, roles, KILL and STOP, each with a fault that it is there to find. */
import { forwardingOutbox, forwardingProtocol } from '@switchyard/core'
import type { ClientId, Protocol } from '@switchyard/core'
import { runCase } from '@switchyard/conformance'
import type { Given } from '@switchyard/conformance'
import { EPMD } from '@switchyard/protocols/epmd/suite'
import { simulated } from '@switchyard/simulated'
import { expect, it } from 'vitest'
import { reactor } from '../reactor/src/server.ts'

/** Of real time in which nothing happens: a fault that leaves everything waiting is found after it. */
const STILL_MS = 300

interface Broken {
  readonly fault: string
  readonly foundBy: string
  /** A part of what the case says: it fails for this and not for something else. */
  readonly reason: RegExp
  readonly create: (given: Given) => Protocol
}

const BROKEN: readonly Broken[] = [
  {
    fault: 'nobody is idle for too long',
    foundBy: 'D1.7-idle-closed',
    reason: /the end of an idle connection/,
    create: (given) => forwardingProtocol(EPMD.create(given), { woken: () => {} }),
  },
  {
    fault: 'who has registered a name counts as idle too',
    foundBy: 'D1.7-registered-stays',
    reason: /how the connection ended/,
    create: (given) => idleThoughRegistered(EPMD.create(given), given.options['idleMs'] ?? 0),
  },
  {
    fault: 'everybody counts as local',
    foundBy: 'D4.1-remote',
    reason: /remote awaits the end; 6 bytes came/,
    create: (given) => {
      const protocol = EPMD.create(given)
      return forwardingProtocol(protocol, { connected: (client, out) => protocol.connected(client, out, 'client') })
    },
  },
  {
    fault: 'KILL is answered, and nothing ends',
    foundBy: 'D4.2-kill-without-names',
    reason: /witness awaits the end/,
    create: (given) => EPMD.create({ ...given, shutDown: () => {} }),
  },
  {
    fault: 'a relaxed server is as strict about KILL as any',
    foundBy: 'D4.2-kill-relaxed',
    reason: /the answer/,
    create: strict,
  },
  {
    fault: 'STOP frees the name, and leaves the connection',
    foundBy: 'D4.3-stop-frees',
    reason: /d43-relaxed awaits the end/,
    create: (given) => closingOnlyItself(EPMD.create(given)),
  },
  {
    fault: 'a relaxed server is as strict about STOP as any',
    foundBy: 'D4.3-stop-of-nobody',
    reason: /expected 7 bytes, but the connection ended/,
    create: strict,
  },
]

it.each(BROKEN)('$foundBy finds that $fault', async ({ foundBy, reason, create }) => {
  const each = EPMD.cases.find(({ id }) => id === foundBy)
  if (!each) return expect.unreachable(`there is no case ${foundBy}`)
  const sound = await runCase(EPMD, simulated(EPMD, reactor), each)
  expect(sound.verdict, sound.message).toBe('passed')
  const suite = { ...EPMD, create }
  const { verdict, message } = await runCase(suite, simulated(suite, reactor), each, { stillMs: STILL_MS })
  expect(verdict).toBe('failed')
  expect(message).toMatch(reason)
})

function strict(given: Given): Protocol {
  return EPMD.create({ ...given, options: { ...given.options, relaxed: 0 } })
}

/** Whoever is connected for so long is closed. */
function idleThoughRegistered(protocol: Protocol, idleMs: number): Protocol {
  const deadlines = new Map<ClientId, number>()
  return forwardingProtocol(protocol, {
    connected(client, out, role) {
      deadlines.set(client, out.now + idleMs)
      protocol.connected(client, out, role)
      out.wakeAt(out.now + idleMs)
    },
    disconnected(client, out) {
      deadlines.delete(client)
      protocol.disconnected(client, out)
    },
    woken(out) {
      for (const [client, deadline] of deadlines) if (deadline <= out.now) out.close(client)
    },
  })
}

function closingOnlyItself(protocol: Protocol): Protocol {
  return forwardingProtocol(protocol, {
    received(client, chunk, out) {
      const close = (other: ClientId): void => {
        if (other === client) out.close(client)
      }
      protocol.received(client, chunk, forwardingOutbox(out, { close }))
    },
  })
}
