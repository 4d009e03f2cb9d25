// One mutant, in a process of its own: it may crash, spin or leak without anybody else noticing.
import { BELL } from '@switchyard/protocols/bell/suite'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Pattern } from '@switchyard/core'
import { inProcess, verify } from '@switchyard/conformance'
import type { Suite } from '@switchyard/conformance'
import { CASES, runSeed } from '@switchyard/services/suite'
import type { Library } from '@switchyard/services/suite'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import { Committed } from '@switchyard/simulated'
import type { Answer, FromChild, Question } from './messages.ts'

const ALIVE_EVERY = 200

/** The router, each of whose steps has to be committed before anything of it is delivered. */
const ON_A_DISK: typeof SIMULATED_ROUTER = {
  ...SIMULATED_ROUTER,
  worlds: SIMULATED_ROUTER.worlds.map((worldOf) => (random) => ({ ...worldOf(random), disk: 'slow' })),
  checkerOf: (world, pattern) => new Committed(SIMULATED_ROUTER.checkerOf(world, pattern)),
}
/** A leak shows in one of the first worlds. */
const DISK_SHARE = 0.1

let stage: 'simulator' | 'suite' = 'simulator'

process.once('message', (question: Question) => {
  void ask(question)
})
process.on('uncaughtException', (error) => {
  const message = `crash: ${error.message}`
  answer(
    stage === 'suite' ? { by: 'suite', clause: '', message } : { by: 'simulator', clause: '', message, schedules: 0 },
  )
})

async function ask(question: Question): Promise<void> {
  const module: unknown = await import(question.module)
  switch (question.judge) {
    case 'pattern': {
      const pattern = patternOf(module)
      return answer(
        (await simulate(SIMULATED_ROUTER, pattern, question.seeds)) ??
          (await simulate(ON_A_DISK, pattern, question.seeds * DISK_SHARE)) ??
          (await judge(BELL, pattern)) ??
          (await judge(ROUTER, pattern)) ?? { by: 'nobody' },
      )
    }
    case 'services': {
      const library = libraryOf(module)
      return answer((await worlds(library, question.seeds)) ?? (await cases(library)) ?? { by: 'nobody' })
    }
  }
}

async function worlds(library: Library, count: number): Promise<Answer | undefined> {
  for (let seed = 0; seed < count; seed++) {
    const { violation } = await runSeed(library, seed)
    if (violation) return { by: 'simulator', ...violation, schedules: seed + 1 }
    if (seed % ALIVE_EVERY === 0) send({ kind: 'alive', stage })
  }
  return undefined
}

/** A case that hangs is not heard of any more, and so is noticed. */
async function cases(library: Library): Promise<Answer | undefined> {
  stage = 'suite'
  for (const { id, says, run } of CASES) {
    send({ kind: 'alive', stage })
    try {
      await run(library)
    } catch {
      return { by: 'suite', clause: id, message: says }
    }
  }
  return undefined
}

async function simulate<Say>(
  protocol: SimulatedProtocol<Say>,
  pattern: Pattern,
  seeds: number,
): Promise<Answer | undefined> {
  const kinds = protocol.worlds
  for await (const { seed, outcome } of runSeeds({
    start: startOf(protocol, pattern),
    world: inTurn(kinds),
    from: 0,
    to: seeds * kinds.length - 1,
  })) {
    if (outcome.violation) return { by: 'simulator', ...outcome.violation, schedules: seed + 1 }
    if (seed % ALIVE_EVERY === 0) send({ kind: 'alive', stage })
  }
  return undefined
}

async function judge(suite: Suite, pattern: Pattern): Promise<Answer | undefined> {
  stage = 'suite'
  const enough = new AbortController()
  const beat = setInterval(() => send({ kind: 'alive', stage }), 1_000)
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

function answer(given: Answer): void {
  send({ kind: 'answer', answer: given })
  process.exit()
}

function send(message: FromChild): void {
  process.send?.(message)
}
