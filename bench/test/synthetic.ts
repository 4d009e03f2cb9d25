import type { Block, Results, Run, SubjectFacts, Workload } from '../src/index.ts'
import { WORKLOADS } from '../src/index.ts'
import { Times } from '../src/load/latencies.ts'
import { Random } from '@switchyard/core'

export interface Synthetic {
  readonly rounds?: number
  readonly seed?: number
  /** Of each block's figures, as a share of them. */
  readonly noise?: number
  readonly workloads?: readonly Workload[]
  /** How many times the pace of a server with the factor 1, by name. */
  readonly paces?: Readonly<Record<string, number>>
}

const PACES = { mutex: 0.8, channels: 0.9, 'channel-per-writer': 0.95, race: 1, reactor: 1.3 }
const MESSAGES_PER_SECOND = 100_000
/** Times in a block. */
const TIMES = 3_000

/** A run that nobody measured: its figures follow from the options. */
export function synthetic({
  rounds = 6,
  seed = 1,
  noise = 0.02,
  workloads = WORKLOADS,
  paces = PACES,
}: Synthetic = {}): Results {
  const random = new Random(seed)
  const all: Readonly<Record<string, number>> = { ...paces, 'reactor again': paces['reactor'] ?? 1, yardstick: 2 }
  const run: Run = {
    schema: 1,
    made: {
      at: '2026-01-02T03:04:05.000Z',
      command: `bench --seed ${seed}`,
      seed,
      pace: { warmupMs: 300, measureMs: 500 },
      tookMs: 123_456,
      ended: 'complete',
    },
    machine: {
      cpu: 'Imagined',
      cores: 2,
      memoryBytes: 8 * 1024 ** 3,
      platform: 'linux x64',
      kernel: '6.1',
      node: 'v20.19.0',
      v8: '11.3',
      flags: [],
      commit: '1234567',
      dirty: false,
      lock: '0123456789ab',
      loadBefore: 0.01,
    },
    subjects: Object.keys(all).map(factsOf),
    workloads,
    absent: [],
  }
  const blocks: Block[] = []
  for (let round = 0; round < rounds; round++) {
    for (const workload of workloads) {
      for (const { name } of run.subjects)
        blocks.push(blockOf(workload, name, round, (all[name] ?? 1) * (1 + noise * (random.fraction() - 0.5)), random))
    }
  }
  return { run, blocks }
}

function factsOf(name: string): SubjectFacts {
  const kind = name === 'yardstick' ? 'yardstick' : 'pattern'
  return {
    name,
    kind,
    dialect: kind === 'yardstick' ? 'relay' : 'router',
    bounded: kind === 'pattern',
    ...(name === 'reactor again' && { twinOf: 'reactor' }),
    conformance: { state: 'kept', summary: '33 passed' },
  }
}

function blockOf({ name, load }: Workload, subject: string, round: number, pace: number, random: Random): Block {
  const stalls = (load.stalledReaders ?? 0) * (pace < 1 ? 200 : 1)
  const due = load.messagesPerSecond ?? 0
  const rate = due === 0 ? MESSAGES_PER_SECOND * pace : Math.min(due, 50_000 * pace)
  const response = new Times()
  for (let drawn = 0; drawn < TIMES; drawn++)
    response.add((0.2 / pace) * (1 - Math.log(1 - random.fraction())) + (drawn % 50 === 0 ? stalls : 0))
  const timed = load.workload !== 'pipelined'
  return {
    workload: name,
    subject,
    round,
    beganMs: 0,
    tookMs: 1_000,
    outcome: {
      state: 'measured',
      measurement: {
        messagesPerSecond: rate,
        serverCpuMicrosPerMessage: 8 / pace,
        serverCpuShare: 0.9,
        generatorCpuShare: 0.4,
        generated: {
          messages: rate / 2,
          seconds: 0.5,
          generatorCpuMs: 200,
          roundTrip: null,
          longestSilenceMs: 2 / pace + stalls,
          latencies: timed
            ? { response: response.encoded(), service: null, lag: null, offered: due === 0 ? null : due / 2 }
            : null,
        },
      },
      vitals: { loopDelayMs: { p50: 0.1, p99: 1, max: 3 }, collectingMs: 5, rssBytes: 6e7, peakRssBytes: 8e7 / pace },
      idle:
        (load.idleClients ?? 0) > 0 ? { rssBytes: 6000 / pace, heldBytes: 3000 / pace, youngBytes: 2000 / pace } : null,
      facts: {
        noDelay: true,
        allowHalfOpen: true,
        highWaterMark: 0,
        node: 'v20.19.0',
        v8: '11.3',
        flags: ['--expose-gc'],
      },
    },
  }
}
