/** EPMD in simulation: what its clients say, and the worlds they say it in. The checker is the one of every protocol, and `Holders`. */
import type { Random } from '@switchyard/core'
import type { Move, SimulatedProtocol, World } from '@switchyard/sim'
import { DeliveryChecker, invariantsOf, withFaults } from '@switchyard/simulated'
import { Epmd } from '../../src/index.ts'
import { Holders } from './holders.ts'
import { EPMD_SPEECH } from './speech.ts'
import type { EpmdSay } from './speech.ts'

/** Few, so that clients want the same one. */
const NAMES = ['a', 'b', 'c']
const CLIENTS_MAX = 5
const BUFFER_BYTES = [8, 16, 32, 64]
const SHUTDOWN_AFTER_MAX = 60
const FIRST_CREATION = 4

export const SIMULATED_EPMD: SimulatedProtocol<EpmdSay> = {
  speech: EPMD_SPEECH,
  worlds: ['calm', 'faults', 'shutdown'].map((kind) => (random) => randomWorld(random, kind)),
  smallWorld: () => ({
    clients: [[say('register', 'a'), { kind: 'fin' }], [say('register', 'a')]],
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 32, sendBytes: 32 },
    cuts: 'whole',
  }),
  create: () => new Epmd({ port: 0, firstCreation: FIRST_CREATION }),
  checkerOf: (world, pattern) => new DeliveryChecker(world, pattern, [...invariantsOf(pattern, world), new Holders()]),
}

/** Two to five clients with a request each, and sometimes something behind it, which ends them (D1.4, D2.7). */
function randomWorld(random: Random, kind: string): World<EpmdSay> {
  const clients = Array.from({ length: 2 + random.below(CLIENTS_MAX - 1) }, () => {
    const moves = [request(random)]
    if (random.below(6) === 0) moves.push(request(random))
    return kind === 'calm' ? moves : withFaults(random, moves)
  })
  const size = (): number => BUFFER_BYTES[random.below(BUFFER_BYTES.length)] ?? 64
  return {
    clients,
    shutdown: kind === 'shutdown',
    ...(kind === 'shutdown' && { shutdownAfter: random.below(SHUTDOWN_AFTER_MAX) }),
    limits: {},
    buffers: { receiveBytes: size(), sendBytes: size() },
    cuts: random.below(3) === 0 ? 'whole' : 'anywhere',
  }
}

/** Five in ten requests register, three ask for a name, one asks for all, and one is no request. */
function request(random: Random): Move<EpmdSay> {
  const name = NAMES[random.below(NAMES.length)] ?? 'a'
  const number = random.below(10)
  return number < 5 ? say('register', name) : number < 8 ? say('port', name) : say(number === 8 ? 'names' : 'rubbish')
}

function say(kind: EpmdSay['kind'], name = ''): Move<EpmdSay> {
  return { kind: 'say', say: { kind, name } }
}
