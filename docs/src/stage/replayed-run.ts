import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import { decodeRun, Simulation } from '@switchyard/sim'
import type { Choices, Schedule } from '@switchyard/sim'
import { Camera } from './camera.ts'
import type { Frame } from './frame.ts'
import { Hearing } from './hearing.ts'
import { turnstile } from './lines.ts'
import { Mail } from './mail.ts'
import type { Run } from './run.ts'
import { serverNamed, watchedPattern } from './servers.ts'
import type { StageServer } from './servers.ts'

/** A schedule has an order and no times: one event after the other, slowly enough to follow. */
const BEAT_MS = 800
/** A schedule from a link may lead anywhere. */
const EVENTS_MAX = 2_000

/** Runs one schedule of the simulator's, as `switchyard replay` does, checked by the same checker. */
export class ReplayedRun implements Run {
  readonly name: string
  readonly frames: Frame[] = []
  readonly travelMs: number = BEAT_MS * 0.6
  readonly #simulation: Simulation<RouterSay>
  readonly #choices: Choices
  readonly #camera: Camera<RouterSay>

  /** Throws ReplayLineError for what is no line, TypeError for a server that there is not. */
  constructor(line: string) {
    const { pattern: name, world, schedule } = decodeRun(line, ROUTER_SPEECH)
    const server: StageServer = serverNamed(name)
    const pattern = watchedPattern(server)
    this.name = name
    this.#choices = following(schedule)
    const mail = new Mail(world.clients.length)
    const hearing = new Hearing<RouterSay>(server.file)
    const checker = SIMULATED_ROUTER.checkerOf(world, pattern)
    this.#simulation = new Simulation({
      pattern,
      world,
      speech: ROUTER_SPEECH,
      choices: this.#choices,
      createProtocol: (given) => mail.watch(checker.watch(SIMULATED_ROUTER.create(given))),
      checker: hearing.before(checker),
      eventsMax: EVENTS_MAX,
    })
    this.#camera = new Camera(this.#simulation, ROUTER_SPEECH, mail, hearing)
    this.#record()
  }

  get over(): boolean {
    return this.#simulation.over
  }

  async advance(until: number): Promise<void> {
    while (!this.over && (this.frames.length - 1) * BEAT_MS < until) await this.step()
  }

  async step(): Promise<void> {
    if (this.over) return
    const simulation = this.#simulation
    await turnstile.pass(async () => {
      const candidates = simulation.candidates()
      const actors = candidates.map(({ actor }) => actor)
      await simulation.step(
        candidates[candidates.length > 1 ? this.#choices.choose(candidates.length, 'next', actors) : 0],
      )
      this.#record()
    })
  }

  /** Its end, too, has a frame: with the verdict. */
  #record(): void {
    const simulation = this.#simulation
    const beat = {
      at: this.frames.length * BEAT_MS,
      text: simulation.over ? 'nothing is left to happen' : 'nothing has happened yet',
      violation: () => simulation.outcome().violation,
      everyMs: (client: number): 'never' | 0 => (simulation.clients[client]!.stalled ? 'never' : 0),
      planned: () => 0,
    }
    this.frames.push(this.#camera.take(beat))
  }
}

function following(schedule: Schedule): Choices {
  let asked = 0
  return { choose: (count) => Math.min(schedule[asked++] ?? 0, count - 1) }
}
