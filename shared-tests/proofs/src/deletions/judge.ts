// Looks for what a mutant does otherwise. Imported once the mutant is in its place.
import { SIMULATED_BELL } from '@switchyard/protocols/bell/simulated'
import { BELL } from '@switchyard/protocols/bell/suite'
import { SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Pattern } from '@switchyard/core'
import { inProcess, runCase, verify } from '@switchyard/conformance'
import type { Session, Suite } from '@switchyard/conformance'
import { PATTERNS } from '@switchyard/impls'
import { CASES, runSeed } from '@switchyard/services/suite'
import type { Library } from '@switchyard/services/suite'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import { Committed, simulated } from '@switchyard/simulated'
import type { Answer, Question, Stage } from './messages.ts'

const ALIVE_EVERY = 200
/** Nothing in a simulated case takes real time: what stands still for so long stands still, ms, however busy the machine is. */
const STILL_MS = 3_000
const REACTOR = PATTERNS.find(({ name }) => name === 'reactor')!

/** The router, each of whose steps has to be committed before anything of it is delivered. */
const ON_A_DISK: typeof SIMULATED_ROUTER = {
  ...SIMULATED_ROUTER,
  worlds: SIMULATED_ROUTER.worlds.map((worldOf) => (random) => ({ ...worldOf(random), disk: 'slow' })),
  checkerOf: (world, pattern) => new Committed(SIMULATED_ROUTER.checkerOf(world, pattern)),
}
/** A leak shows in one of the first worlds. */
const DISK_SHARE = 0.1
/** A world of the bell has few events. */
const BELL_SHARE = 0.1

/** Hears of each sign of life: a mutant that gives none for long spins. */
type Alive = (stage: Stage) => void

export async function judgeMutant({ judge, module, seeds }: Question, alive: Alive): Promise<Answer> {
  switch (judge) {
    case 'pattern': {
      const pattern = patternOf(await import(module))
      return (
        (await simulate(SIMULATED_ROUTER, pattern, seeds, alive)) ??
        (await simulate(ON_A_DISK, pattern, seeds * DISK_SHARE, alive)) ??
        (await simulate(SIMULATED_BELL, pattern, seeds * BELL_SHARE, alive)) ??
        (await verified(BELL, pattern, alive)) ??
        (await verified(ROUTER, pattern, alive)) ?? { by: 'nobody' }
      )
    }
    case 'services': {
      const library = libraryOf(await import(module))
      return (await worlds(library, seeds, alive)) ?? (await cases(library, alive)) ?? { by: 'nobody' }
    }
    case 'core':
      return (await onTheFive(seeds, alive)) ?? { by: 'nobody' }
    case 'chat': // What is no pattern's is the same on any.
      return (
        (await simulatedCases(CHAT, REACTOR, alive)) ??
        (await simulate(SIMULATED_CHAT, REACTOR, seeds, alive)) ?? { by: 'nobody' }
      )
  }
}

/** What all of the five stand on is seen in any of them. */
async function onTheFive(seeds: number, alive: Alive): Promise<Answer | undefined> {
  for (const pattern of PATTERNS) {
    const noticed =
      (await simulate(SIMULATED_ROUTER, pattern, seeds, alive)) ??
      (await simulate(ON_A_DISK, pattern, seeds, alive)) ??
      (await simulate(SIMULATED_EPMD, pattern, seeds, alive)) ??
      (await simulate(SIMULATED_CHAT, pattern, seeds, alive)) ??
      (await simulate(SIMULATED_BELL, pattern, seeds, alive)) ??
      (await verified(BELL, pattern, alive))
    if (noticed) return noticed
  }
  return undefined
}

async function worlds(library: Library, count: number, alive: Alive): Promise<Answer | undefined> {
  for (let seed = 0; seed < count; seed++) {
    const { violation } = await runSeed(library, seed)
    if (violation) return { by: 'simulator', ...violation, schedules: seed + 1 }
    if (seed % ALIVE_EVERY === 0) alive('simulator')
  }
  return undefined
}

/** A case that hangs is not heard of any more, and so is noticed. */
async function cases(library: Library, alive: Alive): Promise<Answer | undefined> {
  for (const { id, says, run } of CASES) {
    alive('suite')
    try {
      await run(library)
    } catch {
      return { by: 'suite', clause: id, message: says }
    }
  }
  return undefined
}

async function simulatedCases<C extends Session>(
  suite: Suite<C>,
  pattern: Pattern,
  alive: Alive,
): Promise<Answer | undefined> {
  for (const each of suite.cases) {
    alive('suite')
    const { verdict, clause } = await runCase(suite, simulated(suite, pattern), each, { stillMs: STILL_MS })
    if (verdict === 'failed') return { by: 'suite', clause, message: each.id }
  }
  return undefined
}

async function simulate<Say>(
  protocol: SimulatedProtocol<Say>,
  pattern: Pattern,
  seeds: number,
  alive: Alive,
): Promise<Answer | undefined> {
  const kinds = protocol.worlds
  for await (const { seed, outcome } of runSeeds({
    start: startOf(protocol, pattern),
    world: inTurn(kinds),
    from: 0,
    to: seeds * kinds.length - 1,
  })) {
    if (outcome.violation) return { by: 'simulator', ...outcome.violation, schedules: seed + 1 }
    if (seed % ALIVE_EVERY === 0) alive('simulator')
  }
  return undefined
}

async function verified(suite: Suite, pattern: Pattern, alive: Alive): Promise<Answer | undefined> {
  const enough = new AbortController()
  alive('suite')
  const beat = setInterval(() => alive('suite'), 1_000)
  const { results } = await verify(suite, inProcess(suite, pattern), {
    concurrency: 4,
    signal: enough.signal,
    onProgress: ({ verdict }) => {
      if (verdict === 'failed') enough.abort()
    },
  })
  clearInterval(beat)
  const failed = results.find(({ verdict }) => verdict === 'failed')
  return failed && { by: 'suite', clause: failed.clause, message: failed.case }
}

function libraryOf(module: unknown): Library {
  if (isLibrary(module)) return module
  throw new TypeError('no library of services is exported')
}

/** As with a pattern: what the file exports is judged, whatever it was made to be. */
function isLibrary(module: unknown): module is Library {
  return isRecord(module) && typeof module['supervisor'] === 'function'
}

function patternOf(module: unknown): Pattern {
  const exported = isRecord(module) ? Object.values(module).find(isPattern) : undefined
  if (exported) return exported
  throw new TypeError('no pattern is exported')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** A mutant is what the file exports, whatever the file was made to be. */
function isPattern(value: unknown): value is Pattern {
  return isRecord(value) && typeof value['serve'] === 'function'
}
