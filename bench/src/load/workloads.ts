import type { Limits } from '@switchyard/core'
import type { Load } from './generator.ts'

/** One load and the limits under which servers carry it, by a name. */
export interface Workload {
  readonly name: string
  /** For people: what happens, in a line. */
  readonly title: string
  readonly family: Family
  /** Where it stands in its family's chart. */
  readonly at?: number
  /** A `Pace` decides how long it is watched. */
  readonly load: Omit<Load, 'warmupMs' | 'measureMs'>
  readonly limits?: Partial<Limits>
  /** Where the measured time must be longer than usual, ms. */
  readonly measureMsMin?: number
  /** What servers are compared by. */
  readonly ranked: RankedMetric
  /** The smallest set that has it. */
  readonly set: 'quick' | 'full'
  /** Default: everybody. The others are spared what only the patterns' own charts show. */
  readonly among?: 'everybody' | 'patterns'
  /** It is measured in every so manieth round; default 1. */
  readonly everyRounds?: number
}

/** Workloads of one family differ in one number, and share a chart. */
export type Family = 'traffic' | 'clients' | 'offered' | 'idle' | 'stalled' | 'burst' | 'mailbox' | 'deadline'

/** `rate`: messages a second, more is better; the others: less is better. */
export type RankedMetric = 'rate' | 'cpu' | 'p99' | 'silence'

const PAIRS = [1, 4, 16, 128, 1000]
const IDLE_CLIENTS = [0, 1000, 5000]
const STALLED_READERS = [0, 1, 2, 4, 8]
const OFFERED_PER_SECOND = [5_000, 10_000, 20_000, 40_000, 60_000]
/** The write deadline, ms. Eight fit into the measured time, for a server that waits for one stalled reader after the other. */
const STALLED_DEADLINE_MS = 200
const STALLED_MEASURE_MS = 2_000
/** Knobs that decide between patterns. */
const BURST_MESSAGES = [1, 8, 64, 512]
const QUEUED_KIB = [16, 64, 256, 1024]
const DEADLINES_MS = [50, 200, 800]

const KIB = 1024

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'pipelined-32',
    title: 'pipelined, 32 B, 16 pairs: each sender has one destination',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 16, messageBytes: 32 },
    ranked: 'rate',
    set: 'quick',
  },
  {
    name: 'spread-32',
    title: 'pipelined, 32 B, 16 senders: consecutive messages go to different receivers',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 16, messageBytes: 32, destinations: 'spread' },
    ranked: 'rate',
    set: 'quick',
  },
  {
    name: 'hot-32',
    title: 'pipelined, 32 B, 16 senders, one receiver for all of them',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 16, messageBytes: 32, destinations: 'hot' },
    ranked: 'rate',
    set: 'full',
  },
  {
    name: 'pipelined-1k',
    title: 'pipelined, 1 KiB, 16 pairs',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 16, messageBytes: KIB },
    ranked: 'rate',
    set: 'quick',
  },
  {
    name: 'pipelined-64k',
    title: 'pipelined, 64 KiB, 16 pairs',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 16, messageBytes: 64 * KIB },
    ranked: 'rate',
    set: 'quick',
  },
  {
    name: 'pipelined-32-1000',
    title: 'pipelined, 32 B, 1,000 pairs',
    family: 'traffic',
    load: { workload: 'pipelined', pairs: 1000, messageBytes: 32, burstMessages: 128 },
    ranked: 'rate',
    set: 'full',
    everyRounds: 2,
  },
  ...PAIRS.map((pairs): Workload => ({
    name: `round-trips-${pairs}`,
    title: `round trips, 32 B, ${count(pairs, 'pair')}: one message under way each`,
    family: 'clients',
    at: pairs,
    load: { workload: 'round-trips', pairs, messageBytes: 32 },
    ranked: 'rate',
    set: pairs === 128 ? 'quick' : 'full',
    ...(pairs !== 128 && { everyRounds: 2 }),
  })),
  ...IDLE_CLIENTS.map((idleClients): Workload => ({
    name: `idle-${idleClients}`,
    title: `round trips, 32 B, 16 pairs, beside ${count(idleClients, 'idle client')}`,
    family: 'idle',
    at: idleClients,
    load: { workload: 'round-trips', pairs: 16, messageBytes: 32, idleClients },
    ranked: 'cpu',
    set: 'full',
    everyRounds: 2,
  })),
  ...OFFERED_PER_SECOND.map((messagesPerSecond): Workload => ({
    name: `offered-${messagesPerSecond / 1000}k`,
    title: `${messagesPerSecond / 1000},000 messages of 32 B a second are due, over 128 pairs`,
    family: 'offered',
    at: messagesPerSecond,
    load: { workload: 'open-loop', pairs: 128, messageBytes: 32, messagesPerSecond },
    ranked: 'p99',
    set: 'full',
    everyRounds: 2,
  })),
  ...STALLED_READERS.map((stalledReaders): Workload => ({
    name: `stalled-${stalledReaders}`,
    title:
      `2,000 messages of 32 B a second are due over 16 pairs, while ${count(stalledReaders, 'other client')} ` +
      `stop${stalledReaders === 1 ? 's' : ''} reading and ${stalledReaders === 1 ? 'is' : 'are'} flooded`,
    family: 'stalled',
    at: stalledReaders,
    load: { workload: 'open-loop', pairs: 16, messageBytes: 32, messagesPerSecond: 2000, stalledReaders },
    limits: { writeDeadlineMs: STALLED_DEADLINE_MS },
    measureMsMin: STALLED_MEASURE_MS,
    ranked: 'silence',
    among: 'patterns',
    set: stalledReaders === 4 ? 'quick' : 'full',
    everyRounds: 2,
  })),
  ...BURST_MESSAGES.map((burstMessages): Workload => ({
    name: `burst-${burstMessages}`,
    title: `16 pairs, ${count(burstMessages, 'message')} of 32 B at once, then none until they have arrived`,
    family: 'burst',
    at: burstMessages,
    load: { workload: 'pipelined', pairs: 16, messageBytes: 32, burstMessages, windowBursts: 1 },
    ranked: 'rate',
    among: 'patterns',
    set: 'full',
    everyRounds: 2,
  })),
  ...QUEUED_KIB.map((kib): Workload => ({
    name: `mailbox-${kib}k`,
    title: `pipelined and spread, 1 KiB, 16 senders; a server may hold ${kib} KiB for each destination`,
    family: 'mailbox',
    at: kib * KIB,
    load: { workload: 'pipelined', pairs: 16, messageBytes: KIB, destinations: 'spread' },
    limits: { queuedBytesMax: kib * KIB, messageBytesMax: 8 * KIB },
    ranked: 'rate',
    among: 'patterns',
    set: 'full',
    everyRounds: 2,
  })),
  ...DEADLINES_MS.map((writeDeadlineMs): Workload => ({
    name: `deadline-${writeDeadlineMs}`,
    title: `one client stops reading and is flooded; its write deadline is ${writeDeadlineMs} ms`,
    family: 'deadline',
    at: writeDeadlineMs,
    load: { workload: 'open-loop', pairs: 16, messageBytes: 32, messagesPerSecond: 2000, stalledReaders: 1 },
    limits: { writeDeadlineMs },
    measureMsMin: STALLED_MEASURE_MS,
    ranked: 'silence',
    among: 'patterns',
    set: 'full',
    everyRounds: 2,
  })),
]

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}
