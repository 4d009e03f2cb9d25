import { Random } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import { ID_BYTES, Numbered } from '@switchyard/protocols/router/suite'
import { describeFault, ends } from './fault.ts'
import type { Fault, Way } from './fault.ts'

/** One stream of numbered messages. */
export interface Flow {
  /** Places in `Plan.clients`. */
  readonly from: number
  readonly to: number
  readonly count: number
  /** The length of each body, by its number; bytes. */
  readonly lengths: readonly number[]
  /** Its messages name both ends, so that one that goes astray is recognised. */
  readonly messages: Numbered
}

export interface PlannedClient {
  readonly name: string
  /** Empty: it is connected without a proxy, and nothing ever happens to it. */
  readonly faults: readonly Fault[]
}

/** Everything about one run that is chosen, and nothing that happens: one seed, one plan, on every machine. */
export interface Plan {
  readonly seed: number
  readonly limits: Partial<Limits>
  readonly clients: readonly PlannedClient[]
  /** In the order in which each client sends: one message of each flow in turn. */
  readonly flows: readonly Flow[]
  /** The flows of a pair that has nothing to do with anybody who is faulted. */
  readonly aside: readonly Flow[]
  readonly healMs: number
}

const KIB = 1024
/** Bodies from empty to longer than one read, and a few that sit on the edges of what servers cut and copy. */
const LENGTHS = [0, 1, 20, 31, 60, 64, 250, 1_000, 4_000, 8_191, 16_384, 40_000] as const
/** More than the kernels take of what a proxy does not read, so that the server holds the rest. */
const FLOOD = { count: 250, bytes: 60_000 } as const
const HEAL_MS = { min: 25, max: 60 } as const
/** Until kernels are full takes a flood some time. */
const HEAL_FLOOD_MS = { min: 100, max: 160 } as const
/** Shorter than the stalls are: those who read nothing are aborted. Otherwise nobody is. */
const SHORT_DEADLINE_MS = 8
const LONG_DEADLINE_MS = 60_000

export function planOf(seed: number): Plan {
  // Neighbouring seeds begin alike; a few numbers later they have nothing in common.
  const random = new Random(seed)
  for (let i = 0; i < 4; i++) random.integer(0, 1)
  const names = ['alice', 'bob', 'carol', 'dave']
  const faulted = Array.from({ length: random.integer(1, 3) }, (_, i) => `faulted${i + 1}`)
  const flooded = random.integer(1, 3) === 1 ? names.length + random.integer(0, faulted.length - 1) : undefined
  const { min, max } = flooded === undefined ? HEAL_MS : HEAL_FLOOD_MS
  const healMs = random.integer(min, max)
  const flows = flowsOf(names, faulted, flooded, random)
  const clients = [
    ...names.map((name) => ({ name, faults: [] })),
    ...faulted.map((name, i) => {
      const client = names.length + i
      const faults = faultsOf(bytesOf(client, flows), ID_BYTES, healMs, random)
      return { name, faults: client === flooded ? [...faults, ...dam(faults, healMs, random)] : faults }
    }),
  ]
  const short = random.integer(1, flooded === undefined ? 6 : 2) === 1
  return {
    seed,
    limits: {
      messageBytesMax: 64 * KIB,
      queuedBytesMax: [64, 128, 1024][random.integer(0, 2)]! * KIB,
      writeDeadlineMs: short ? SHORT_DEADLINE_MS : LONG_DEADLINE_MS,
      lingerMs: 40,
      graceMs: 2_000,
    },
    clients,
    flows,
    aside: flows.slice(0, 2),
    healMs,
  }
}

/**
 * Alice and Bob talk to each other only. Carol and Dave, of whom nothing is faulted either, talk to each other and to those
 * who are; those talk to them and among themselves. Sometimes Carol floods one of them.
 */
function flowsOf(
  healthy: readonly string[],
  faulted: readonly string[],
  flooded: number | undefined,
  random: Random,
): Flow[] {
  const names = [...healthy, ...faulted]
  const [alice, bob, carol, dave] = [0, 1, 2, 3]
  const flow = (from: number, to: number, count: number, lengthOf: () => number): Flow => {
    const lengths = Array.from({ length: count }, lengthOf)
    return { from, to, count, lengths, messages: new Numbered(`${names[from]}>${names[to]}`, (n) => lengths[n] ?? 0) }
  }
  const mixed = (from: number, to: number): Flow =>
    flow(from, to, random.integer(1, 40), () => LENGTHS[random.integer(0, LENGTHS.length - 1)]!)
  const flows = [mixed(alice, bob), mixed(bob, alice), mixed(carol, dave), mixed(dave, carol)]
  for (const [i] of faulted.entries()) {
    const one = healthy.length + i
    flows.push(mixed(carol, one), mixed(dave, one), mixed(one, carol), mixed(one, dave))
    const other = healthy.length + random.integer(0, faulted.length - 1)
    flows.push(mixed(one, other))
  }
  if (flooded === undefined) return flows
  const flood = flow(carol, flooded, FLOOD.count, () => FLOOD.bytes)
  return flows.map((each) => (each.from === carol && each.to === flooded ? flood : each))
}

/** What makes a flood pile up in front of a client: nothing passes to it for most of the time. It may have sent FIN by then. */
function dam(already: readonly Fault[], healMs: number, random: Random): Fault[] {
  const faults: Fault[] = [
    random.integer(0, 1) === 0
      ? { kind: 'hang', way: 'down', afterBytes: random.integer(ID_BYTES + 1, 200_000) }
      : { kind: 'stall', way: 'down', fromMs: random.integer(1, 5), untilMs: 2 * healMs },
  ]
  const fin = random.integer(0, 1) === 0 && !already.some(ends)
  return fin ? [...faults, { kind: 'half-close', way: 'up', afterBytes: random.integer(1, 20_000) }] : faults
}

/** Bytes that pass between one client and a server. */
function bytesOf(client: number, flows: readonly Flow[]): Readonly<Record<Way, number>> {
  const sum = (some: readonly Flow[], extra: number): number =>
    some.reduce((all, { lengths }) => all + lengths.reduce((bytes, length) => bytes + length + 1 + extra, 0), 0)
  const [up, down] = [flows.filter(({ from }) => from === client), flows.filter(({ to }) => to === client)]
  return { up: sum(up, ID_BYTES), down: ID_BYTES + sum(down, 0) }
}

/** One to three faults, at most one that ends the connection. `bytes`: about so many pass each way, the first of them a greeting. */
export function faultsOf(
  bytes: Readonly<Record<Way, number>>,
  greetingBytes: number,
  healMs: number,
  random: Random,
): Fault[] {
  const faults: Fault[] = []
  const count = random.integer(1, 3)
  for (let i = 0; i < count; i++) {
    const way: Way = random.integer(0, 1) === 0 ? 'up' : 'down'
    const afterBytes = random.integer(way === 'down' ? greetingBytes + 1 : 1, bytes[way] - 1)
    switch (random.integer(0, faults.some(ends) ? 5 : 7)) {
      case 0:
        faults.push({ kind: 'slice', way, bytesMax: [1, 7, 500][random.integer(0, 2)]! })
        break
      case 1:
        faults.push({ kind: 'latency', way, ms: random.integer(1, 15) })
        break
      case 2:
        faults.push({ kind: 'bandwidth', way, bytesPerMs: random.integer(50, 5_000) })
        break
      case 3: {
        const fromMs = random.integer(1, Math.floor(healMs / 2))
        faults.push({ kind: 'stall', way, fromMs, untilMs: random.integer(fromMs + 1, 2 * healMs) })
        break
      }
      case 4:
        faults.push({ kind: 'hang', way, afterBytes })
        break
      case 5:
        faults.push({ kind: 'slow-close', ms: random.integer(5, 80) })
        break
      case 6:
        faults.push({ kind: 'reset', way, afterBytes })
        break
      case 7:
        faults.push({ kind: 'half-close', way: 'up', afterBytes: random.integer(1, bytes.up - 1) })
        break
    }
  }
  return faults
}

/** For people: a line for each fault, each flow, each limit. */
export function renderPlan({ seed, limits, clients, flows, healMs }: Plan): string {
  const nameOf = (place: number): string => clients[place]?.name ?? '?'
  const lines = [`seed ${seed}, healed at ${healMs} ms`]
  for (const { name, faults } of clients) for (const fault of faults) lines.push(`  ${name} ${describeFault(fault)}`)
  for (const { from, to, count, lengths } of flows) {
    const bytes = lengths.reduce((all, length) => all + length + 1, 0)
    lines.push(`  ${nameOf(from)} sends ${nameOf(to)} ${count} messages, ${bytes} bytes`)
  }
  lines.push(
    `  ${Object.entries(limits)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  )
  return lines.join('\n')
}
