/** However connections end, and in whatever order, each end is counted once and nothing of it stays. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CloseReason } from '../src/protocol.ts'
import { commands, driveByEdges, driveByTasks, Toy } from './smallest-server.ts'
import type { Command } from './smallest-server.ts'
import { expectBytes, FakeListener, FakeSocket, KiB, ResettableSocket, SteppedClock, sum } from './support.ts'

const LIMITS = { writeDeadlineMs: 1000, lingerMs: 500, graceMs: 2000, messageBytesMax: 1 }

type Happening =
  | { readonly kind: 'connect'; readonly room: number; readonly resettable: boolean }
  | { readonly kind: 'arrive'; readonly client: number; readonly list: readonly Command[] }
  | { readonly kind: 'accept'; readonly client: number; readonly bytes: number }
  | {
      readonly kind: 'fin' | 'reset' | 'vanish' | 'write-error' | 'hold-close' | 'finish-close' | 'hold-fin' | 'answer'
      readonly client: number
    }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'turn' | 'stop' | 'listener-error' }

const CLIENTS = 5
const anyClient = fc.integer({ min: 1, max: CLIENTS })
const anyLength = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 60_000 }))

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constantFrom('send', 'give'), to: anyClient, length: anyLength }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('keep'), length: fc.nat(5000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('close', 'abort'), client: anyClient }) },
)

const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('connect'),
      room: fc.constantFrom(0, 100, 50_000, Infinity),
      resettable: fc.boolean(),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('arrive'),
      client: anyClient,
      list: fc.array(anyCommand, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('accept'),
      client: anyClient,
      bytes: fc.constantFrom(1, 1000, 64 * KiB, 1000 * KiB),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'fin',
        'fin',
        'reset',
        'vanish',
        'write-error',
        'hold-close',
        'finish-close',
        'hold-fin',
        'answer',
      ),
      client: anyClient,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 499, 500, 501, 999, 1000) }) },
  { weight: 14, arbitrary: fc.record({ kind: fc.constantFrom('turn', 'turn', 'turn', 'turn', 'turn', 'listener-error') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop') }) },
)

const anyWorld = fc.record({
  happenings: fc.array(anyHappening, { minLength: 5, maxLength: 60, size: 'max' }),
  heldBytesMax: fc.constantFrom(2 * KiB, 20 * KiB, 256 * KiB * KiB),
  queuedBytesMax: fc.constantFrom(2 * KiB, 1024 * KiB),
  connectionsMax: fc.constantFrom(2, 100),
  readBytesMax: fc.constantFrom(4, 64 * KiB),
})

describe.each([
  ['edges', driveByEdges],
  ['tasks', driveByTasks],
])('driven by %s', (_, drive) => {
  test('R3.4, R4, R5: in any order of events each end is counted once, no stream has a gap, and nothing stays', async () => {
    await fc.assert(
      fc.asyncProperty(anyWorld, async ({ happenings, readBytesMax, ...limits }) => {
        const clock = new SteppedClock()
        const listener = new FakeListener()
        const toy = new Toy()
        const server = drive(toy, listener, { clock, ...LIMITS, ...limits }, { readBytesMax })
        const { connections } = server
        const sockets: FakeSocket[] = []
        /** Of each client, by its id: what may have ended it. */
        const causes = new Map(Array.from({ length: CLIENTS }, (_, index) => [index + 1, new Set<CloseReason>()]))
        const blame = (client: number, reason: CloseReason): void => void causes.get(client)?.add(reason)
        const blameAll = (reason: CloseReason): void => [...causes.keys()].forEach((client) => blame(client, reason))
        let stopping: Promise<void> | undefined
        let listenerErrors = 0
        let refused = 0

        function stop(): void {
          stopping ??= server.stop()
          blameAll('server-shutdown')
          blameAll('shutdown-deadline')
        }

        async function happen(happening: Happening): Promise<void> {
          switch (happening.kind) {
            case 'connect': {
              if (sockets.length === CLIENTS || listener.listenerCount('connection') === 0) return
              const { room, resettable } = happening
              const socket = resettable ? new ResettableSocket({ room }) : new FakeSocket({ room })
              const { open } = connections.statistics().connections
              listener.bring(socket)
              if (stopping || open >= limits.connectionsMax) {
                refused++
                expect(socket.destroyed).toBe(true)
                return
              }
              sockets.push(socket)
              return
            }
            case 'turn':
              return await clock.endTurn()
            case 'advance':
              clock.advance(happening.ms)
              blameAll('write-deadline')
              return
            case 'listener-error':
              if (listener.listenerCount('error') === 0) return
              listenerErrors++
              listener.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
              return
            case 'stop':
              return stop()
            default:
          }
          const socket = sockets[happening.client - 1]
          if (!socket) return
          switch (happening.kind) {
            case 'arrive':
              for (const command of happening.list) {
                if (command.kind === 'close') blame(command.client, 'protocol-close')
                if (command.kind === 'abort') blame(command.client, 'message-too-long')
                if (command.kind === 'keep') blameAll('held-bytes')
              }
              return socket.arrive(commands(...happening.list))
            case 'accept':
              return socket.accept(happening.bytes)
            case 'fin':
              blame(happening.client, 'client-fin')
              return socket.fin()
            case 'reset':
              blame(happening.client, 'reset')
              return socket.reset()
            case 'vanish':
              blame(happening.client, 'reset')
              return void socket.destroy()
            case 'write-error':
              blame(happening.client, 'reset')
              socket.writeError = new Error('write EPIPE')
              return
            case 'answer':
              // The kernel's last word on a socket that is destroyed may come late, and be good.
              if (socket.destroyed) return socket.accept(Infinity)
              blame(happening.client, 'reset')
              return socket.failWrite(new Error('write ECONNRESET'))
            case 'hold-close':
              socket.holdsClose = true
              return
            case 'finish-close':
              return socket.finishClose()
            case 'hold-fin':
              socket.holdsFin = true
          }
        }

        for (const happening of happenings) await happen(happening)
        await clock.rest()
        stop()
        await clock.rest()
        for (let quarter = 0; quarter < 4; quarter++) {
          clock.advance(LIMITS.graceMs / 4)
          await clock.rest()
        }
        for (const socket of sockets) socket.finishClose()
        await clock.rest()
        let stopped = false
        void stopping?.then(() => (stopped = true))
        await clock.rest()
        expect(stopped, 'it shuts down').toBe(true)

        // Each end is counted once, and has one of the reasons that there were.
        const statistics = connections.statistics()
        const { lastCloses, closes } = statistics
        expect(statistics.connections).toEqual({ open: 0, accepted: sockets.length, refused })
        expect(lastCloses.map(({ client }) => client).toSorted()).toEqual(sockets.map((_, index) => index + 1))
        expect(sum(Object.values(closes))).toBe(sockets.length)
        for (const { client, reason } of lastCloses) expect([...causes.get(client)!]).toContain(reason)
        expect(statistics.listenerErrors).toBe(listenerErrors)
        expect(listener.closes).toBe(1)
        expect(listener.listenerCount('connection') + listener.listenerCount('error')).toBe(0)

        // Nothing of it stays.
        expect(statistics.held.total, JSON.stringify(statistics.held)).toBe(0)
        expect(clock.pending, 'timers').toBe(0)
        expect(connections.waits.edges(), 'waits').toEqual([])
        expect(sockets.every(({ destroyed }) => destroyed)).toBe(true)

        // Each client's story: connected, received, disconnected.
        for (const client of causes.keys()) {
          const story = toy.calls.filter((call) => call.endsWith(` ${client}`)).map((call) => call.split(' ')[0])
          expect(story.join(' ')).toMatch(/^(connected( received)* disconnected)?$/)
        }

        // What was sent was accepted, or dropped and counted; and no stream has a gap.
        const { bytesOut, drops } = statistics
        const sent = sum([...toy.sent.values()].flat().map((bytes) => bytes.length))
        expect(bytesOut + drops.aborted.bytes + drops['not-connected'].bytes).toBe(sent)
        expect(bytesOut).toBe(sum(lastCloses.map((close) => close.bytesOut)))
        for (const [index, { accepted }] of sockets.entries()) {
          const client = index + 1
          const all = Buffer.concat(toy.sent.get(client) ?? [])
          // Before its id nothing is sent to it; after it left nothing: in between it is one piece.
          const told = all.subarray(Math.max(0, all.indexOf(client)))
          if (accepted.length > 0) expect(accepted[0], 'R1.2').toBe(client)
          expectPiece(accepted, toy.sent.get(client) ?? [], client)
          expect(lastCloses.find((close) => close.client === client)?.bytesOut).toBeLessThanOrEqual(accepted.length)
          expect(accepted.length).toBeLessThanOrEqual(told.length)
        }
      }),
      { numRuns: 300 },
    )
  })
})

/** The stream begins with the client's id, and goes on as it was sent, up to wherever it ends. */
function expectPiece(accepted: Uint8Array, sent: readonly Uint8Array[], client: number): void {
  const first = sent.findIndex((bytes) => bytes.length === 1 && bytes[0] === client)
  const all = Buffer.concat(sent.slice(Math.max(0, first)))
  expectBytes(accepted, all.subarray(0, accepted.length), `what client ${client} was sent`)
}
