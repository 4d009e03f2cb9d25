import type { Case, CaseContext } from './case.ts'
import { expectTrue, Failed } from './failed.ts'
import type { Session } from './session/session.ts'
import type { Clause, Options, Suite } from './suite.ts'
import { Unreachable } from './targets/target.ts'

/** What the life of a connection needs to know of a protocol. `C`: its client. */
export interface Life<C extends Session> {
  /** A client that is served. `place` is from 0 to 2: no other one that is connected has it. */
  arrive(context: CaseContext<C>, name: string, place: number): Promise<C>
  /** Throws Failed unless the server serves it, who has arrived. */
  served(client: C): Promise<void>
  /** What a client can send first, of two bytes at least: cases cut it. */
  readonly opening: Uint8Array
  /** What is answered each time, so that whoever sends it has to read. Absent: nothing is. */
  readonly flood?: { readonly options: Options; readonly message: Uint8Array }
  /** Reads what a server says that shuts down, up to its FIN. Absent: how it shuts down is a clause of the protocol's own. */
  farewell?(client: C): Promise<void>
}

const CLIENTS_MAX = 3
const VICTIMS = 24
const CUTS_MAX = 8
/** More than the kernels of a server and a client take in together on loopback, some 4 MB a hop. */
const FLOOD_BYTES = 8 * 1024 * 1024
const DEADLINE_MS = 400
const GRACE_MS = 800
/** How often a place that is about to become free is asked for. */
const TRIES = 20

const RESETS = 'A client that resets, at whatever byte, ends nobody else, and nothing of it is held.'
const PLACES =
  'One client more than connectionsMax is closed without a byte. The place of one that has left, however it did, is free.'
const SHUTDOWN = 'A server that shuts down lets nobody in and sends everybody FIN. It ends as soon as they have left.'
const GRACE = 'A server that shuts down ends within graceMs, though a client stays.'
const DEADLINE =
  'A client that has something to read, and reads nothing of it for writeDeadlineMs, is aborted. Nobody else is.'

interface Rule<C extends Session> {
  readonly sentence: string
  readonly cases: readonly Omit<Case<C>, 'clause'>[]
}

/**
 * The clauses of a section *Life*, and their cases: how a connection ends, how many there may be, and how a server ends, which is the same for
 * every protocol. `section` is the letter and the number, `C7`. What a protocol does not have is left out, and the rest numbered through.
 */
export function lifeOf<C extends Session>(
  section: string,
  life: Life<C>,
): { readonly clauses: readonly Clause[]; readonly cases: readonly Case<C>[] } {
  const rules = [
    resets(life),
    places(life),
    life.flood && deadline(life, life.flood),
    life.farewell && shutdown(life, life.farewell.bind(life)),
    life.farewell && grace(life),
  ].filter((rule) => rule !== undefined)
  const clauses = rules.map(({ sentence }, index): Clause => {
    return {
      id: `${section}.${index + 1}`,
      section: `${section.slice(1)} Life`,
      sentences: [sentence],
      binds: 'server',
    }
  })
  const cases = rules.flatMap(({ cases: own }, index) => {
    const clause = `${section}.${index + 1}`
    return own.map((each): Case<C> => ({ ...each, id: `${clause}-${each.id}`, clause }))
  })
  return { clauses, cases }
}

/** Whether a clause stands in a section *Life*: no code of the protocol's own keeps it. */
export function isOfLife({ clauses }: Pick<Suite, 'clauses'>, id: string): boolean {
  return clauses.some((clause) => clause.id === id && clause.section.endsWith(' Life'))
}

function resets<C extends Session>(life: Life<C>): Rule<C> {
  return {
    sentence: RESETS,
    cases: [
      {
        id: 'reset-anywhere',
        name: 'a client that resets in the middle of a message ends nobody else',
        needs: ['wire'],
        async run(context) {
          const witness = await life.arrive(context, 'witness', 0)
          for (let bytes = 0; bytes < Math.min(life.opening.length, CUTS_MAX); bytes++) {
            const victim = await context.connect(`victim after ${bytes} bytes`)
            await victim.send(life.opening.subarray(0, bytes))
            victim.reset()
            await context.settled()
            await life.served(witness)
          }
        },
      },
      {
        id: 'dozens-reset',
        name: 'two dozen clients that reset at once end nobody else, and others take their places',
        needs: ['wire'],
        async run(context) {
          const witness = await life.arrive(context, 'survivor', 0)
          const victims: C[] = []
          for (let i = 1; i <= VICTIMS; i++) victims.push(await context.connect(`victim ${i}`))
          for (const victim of victims) {
            void victim.send(life.opening.subarray(0, -1)).catch(() => {}) // Its reset may come first.
            victim.reset()
          }
          await life.served(witness)
          await life.served(await life.arrive(context, 'newcomer', 1))
        },
      },
      {
        id: 'freed-at-reset',
        name: 'what is held of a client that resets is freed',
        needs: ['wire', 'statistics'],
        async run(context) {
          const victims = await arriveAll(context, life, 'held', CLIENTS_MAX)
          victims.push(await context.connect('held too'))
          for (const victim of victims) await victim.send(life.opening.subarray(0, -1))
          await context.settled()
          for (const victim of victims) victim.reset()
          await context.until(
            'nobody connected, and nothing held',
            ({ connections, held }) => connections.open === 0 && held.total === 0,
          )
        },
      },
    ],
  }
}

function places<C extends Session>(life: Life<C>): Rule<C> {
  const turnedAway = async (context: CaseContext<C>, name: string): Promise<void> => {
    const client = await context.connectSilently(name)
    await client.closed()
    expectTrue(client.bytesReceived === 0, `${name} was sent ${client.bytesReceived} bytes`, 'let-in')
  }
  return {
    sentence: PLACES,
    cases: [
      {
        id: 'one-too-many',
        name: 'one client more than there may be is closed without a byte, as often as it tries, and the others are served',
        needs: ['wire', 'limits'],
        limits: { connectionsMax: CLIENTS_MAX },
        async run(context) {
          const clients = await arriveAll(context, life, 'client', CLIENTS_MAX)
          for (let i = 0; i < 3; i++) {
            await turnedAway(context, `the one too many, attempt ${i + 1},`)
            for (const client of clients) await life.served(client)
          }
        },
      },
      {
        id: 'place-free-again',
        name: 'the place of a client that has left is free again',
        needs: ['wire', 'limits'],
        limits: { connectionsMax: CLIENTS_MAX },
        async run(context) {
          const [ends, resetting] = await arriveAll(context, life, 'place', CLIENTS_MAX)
          ends?.end()
          await ends?.closed()
          await inTheEnd(context, life, 0, 'after a FIN')
          resetting?.reset()
          await inTheEnd(context, life, 1, 'after a reset')
          await turnedAway(context, 'the one too many')
        },
      },
    ],
  }
}

function deadline<C extends Session>(life: Life<C>, { options, message }: NonNullable<Life<C>['flood']>): Rule<C> {
  return {
    sentence: DEADLINE,
    cases: [
      {
        id: 'stalled-aborted',
        name: 'a client that does not read what it is sent is aborted, and the others are served',
        needs: ['wire', 'limits'],
        limits: { writeDeadlineMs: DEADLINE_MS },
        options,
        async run(context) {
          const witness = await life.arrive(context, 'witness', 0)
          const stalled = await life.arrive(context, 'stalled', 1)
          stalled.pause()
          void stalled.flood(Array.from({ length: Math.ceil(FLOOD_BYTES / message.length) }, () => message))
          await context.settled()
          await context.pass(2 * DEADLINE_MS)
          await life.served(witness)
          stalled.resume()
          await context.within(DEADLINE_MS, 'the end of a client that reads nothing', stalled.closed(), 'not-aborted')
        },
      },
    ],
  }
}

function shutdown<C extends Session>(life: Life<C>, farewell: (client: C) => Promise<void>): Rule<C> {
  return {
    sentence: SHUTDOWN,
    cases: [
      {
        id: 'fin-to-everybody',
        name: 'a server that is shut down sends FIN to everybody, and ends as soon as they have left',
        needs: ['wire', 'signal'],
        async run(context) {
          const clients = await arriveAll(context, life, 'client', CLIENTS_MAX)
          const ended = context.shutdown()
          for (const client of clients) {
            await farewell(client)
            await client.expectClosed('fin')
            client.end()
          }
          await ended
        },
      },
      {
        id: 'nobody-let-in',
        name: 'a server that shuts down lets nobody in',
        needs: ['wire', 'signal', 'limits'],
        limits: { lingerMs: 3_000 },
        async run(context) {
          const client = await life.arrive(context, 'client', 0)
          const ended = context.shutdown()
          await farewell(client)
          await client.expectClosed('fin')
          expectTrue(!(await isLetIn(context, life)), 'a client was served after the shutdown had begun', 'let-in-late')
          client.end()
          await ended
        },
      },
    ],
  }
}

function grace<C extends Session>(life: Life<C>): Rule<C> {
  return {
    sentence: GRACE,
    cases: [
      {
        id: 'ends-within-grace',
        name: 'a client that stays connected does not keep a server from ending within its grace',
        needs: ['wire', 'signal', 'limits'],
        limits: { graceMs: GRACE_MS, lingerMs: 600_000, writeDeadlineMs: 600_000 },
        async run(context) {
          await arriveAll(context, life, 'staying', 2)
          await context.within(1.5 * GRACE_MS, 'the end of the shutdown', context.shutdown())
        },
      },
    ],
  }
}

async function arriveAll<C extends Session>(
  context: CaseContext<C>,
  life: Life<C>,
  name: string,
  count: number,
): Promise<C[]> {
  const clients: C[] = []
  for (let i = 0; i < count; i++) clients.push(await life.arrive(context, `${name}${i + 1}`, i))
  return clients
}

/** A client finds a place, now or as soon as the server has noticed that one is free. */
async function inTheEnd<C extends Session>(
  context: CaseContext<C>,
  life: Life<C>,
  place: number,
  when: string,
): Promise<void> {
  for (let i = 1; i <= TRIES; i++) {
    try {
      await life.arrive(context, `newcomer${place}${i}`, place)
      return
    } catch (error) {
      if (!(error instanceof Failed)) throw error
      await context.settled()
    }
  }
  throw new Failed(`${when}, ${TRIES} clients tried one after the other, and nobody was let in`, 'no-place')
}

/** A listener that is closed and a connection that is closed at once are both a no. */
async function isLetIn<C extends Session>(context: CaseContext<C>, life: Life<C>): Promise<boolean> {
  try {
    await life.arrive(context, 'latecomer', 1)
    return true
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Failed) return false
    throw error
  }
}
