/** Each case of the section *Life* fails on a server that does not keep its clause, whatever the protocol is. */
import { isOfLife, runCase } from '@switchyard/conformance'
import type { Suite } from '@switchyard/conformance'
import type { Listener, Pattern, Server, ServeOptions } from '@switchyard/core'
import type { Duplex } from 'node:stream'
import { PATTERNS } from '@switchyard/impls'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { EPMD } from '@switchyard/protocols/epmd/suite'
import { EXCHANGE } from '@switchyard/protocols/exchange/suite'
import { simulated } from '@switchyard/simulated'
import { describe, expect, it } from 'vitest'

/** Nothing here takes real time: what stands still for so long stands still. A sound server gets longer, since others use the machine, too. */
const STILL_MS = { sound: 1_000, broken: 150 }

const sound = PATTERNS.find(({ name }) => name === 'reactor')!

/** By what follows the clause in a case's id: who fails it. */
const BROKEN: ReadonlyMap<string, Pattern['serve']> = new Map<string, Pattern['serve']>(
  Object.entries({
    'reset-anywhere': oneResetEndsAll,
    'dozens-reset': oneResetEndsAll,
    'freed-at-reset': keepsAByte,
    'one-too-many': withLimits(({ connectionsMax = 0 }) => ({ connectionsMax: connectionsMax + 1 })),
    'place-free-again': freesNoPlace,
    'stalled-aborted': withLimits(() => ({ writeDeadlineMs: 600_000 })),
    'fin-to-everybody': (...args) => changed(sound.serve(...args), { shutdown: () => new Promise(() => {}) }),
    'nobody-let-in': goesOnBehindItsEnd,
    'ends-within-grace': withLimits(() => ({ graceMs: 600_000 })),
  }),
)

describe.each([CHAT, EXCHANGE, EPMD].map((suite) => [suite.name, suite] as const))('%s', (_, suite: Suite) => {
  const cases = suite.cases.filter(({ clause }) => isOfLife(suite, clause))

  it('has them', () => expect(cases.length).toBeGreaterThanOrEqual(5))

  it.each(cases.map((each) => [each.id, each] as const))('%s', async (id, each) => {
    const serve = BROKEN.get(id.slice(id.indexOf('-') + 1))
    if (!serve) throw new Error(`nothing breaks ${id}`)
    const verdict = async (pattern: Pattern, stillMs: number): Promise<string> =>
      (await runCase(suite, simulated(suite, pattern), each, { stillMs })).verdict
    expect(await verdict(sound, STILL_MS.sound)).toBe('passed')
    expect(await verdict({ ...sound, serve }, STILL_MS.broken)).toBe('failed')
  })
})

function withLimits(change: (options: ServeOptions) => ServeOptions): Pattern['serve'] {
  return (protocol, listener, options = {}) => sound.serve(protocol, listener, { ...options, ...change(options) })
}

function changed(server: Server, change: Partial<Server>): Server {
  return {
    waits: server.waits,
    statistics: () => server.statistics(),
    shutdown: () => server.shutdown(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    ...change,
  }
}

function keepsAByte(...args: Parameters<Pattern['serve']>): Server {
  const server = sound.serve(...args)
  return changed(server, {
    statistics: () => {
      const statistics = server.statistics()
      return { ...statistics, held: { ...statistics.held, total: statistics.held.total + 1 } }
    },
  })
}

function oneResetEndsAll(...[protocol, listener, options]: Parameters<Pattern['serve']>): Server {
  const sockets = new Set<Duplex>()
  const watched = behind(listener, (socket) => {
    sockets.add(socket)
    socket.once('close', () => {
      if (!socket.readableEnded) for (const each of sockets) each.destroy()
    })
    return true
  })
  return sound.serve(protocol, watched, options)
}

function freesNoPlace(...[protocol, listener, options]: Parameters<Pattern['serve']>): Server {
  let places = options?.connectionsMax ?? 0
  const counted = behind(listener, (socket) => {
    if (places-- > 0) return true
    socket.destroy()
    return false
  })
  return sound.serve(protocol, counted, options)
}

function goesOnBehindItsEnd(...[protocol, listener, options]: Parameters<Pattern['serve']>): Server {
  const open: Listener = { ...behind(listener, () => true), close: () => {} }
  const server = sound.serve(protocol, open, options)
  return changed(server, {
    shutdown: () => {
      const ended = server.shutdown()
      sound.serve(protocol, open, options)
      return ended
    },
  })
}

/** `listener`, of whose connections only those are served that `isServed` lets pass. */
function behind(listener: Listener, isServed: (socket: Duplex) => boolean): Listener {
  return {
    ...listener,
    on: (event: 'connection' | 'error', heard: never) =>
      event === 'error'
        ? listener.on(event, heard)
        : listener.on(event, (socket) => isServed(socket) && (heard as (socket: Duplex) => void)(socket)),
    off: (event: 'connection' | 'error', heard: never) => (event === 'error' ? listener.off(event, heard) : undefined),
    close: () => listener.close(),
  }
}
