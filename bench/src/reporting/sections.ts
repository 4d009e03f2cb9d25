import type { WorkloadAnalysis } from '../analysis/analysis.ts'
import { byKnob, byPercentile, rowByRow } from './charts.ts'
import type { Svg } from './charts.ts'
import type { Palette } from './palette.ts'
import { shortBytes, shortMicros, shortMillis } from './ticks.ts'
import type { Family } from '../load/workloads.ts'

/** One chart, and what a reader must know to read it. */
export interface Chart {
  readonly title: string
  readonly svg: Svg
  /** What it does not show: said under the chart. */
  readonly not: string
  /** The workloads behind it: with them the command that reproduces it can be given. */
  readonly workloads: readonly string[]
  /** One of many of a kind: it opens on demand. */
  readonly folded?: boolean
}

export interface Section {
  readonly id: string
  readonly title: string
  readonly lead: string
  readonly charts: readonly Chart[]
}

/** Those for which the run has figures. */
export function sectionsOf(analyses: readonly WorkloadAnalysis[], palette: Palette): Section[] {
  return [traffic, percentiles, offered, clients, idle, stalled, crossOvers, memory]
    .map((section) => section(analyses, palette))
    .filter(({ charts }) => charts.length > 0)
}

type Maker = (analyses: readonly WorkloadAnalysis[], palette: Palette) => Section

/** The open loop whose percentiles are shown first, messages a second. */
const SHOWN_RATE = 20_000

const traffic: Maker = (analyses, palette) => {
  const own = [
    ...familyOf(analyses, 'traffic'),
    ...analyses.filter(({ workload }) => workload.name === 'round-trips-128'),
  ]
  return {
    id: 'throughput',
    title: 'Throughput',
    lead:
      'How much each server carries when everybody sends as much as they can, as a multiple of a relay in Node that ' +
      'routes nothing; and what a message costs it. Bars are 95 % intervals.',
    charts: drawable(own, [
      {
        title: 'Messages a second, in multiples of the yardstick',
        svg: rowByRow(own, 'toYardstick', palette, { label: '× yardstick', type: 'log' }),
        not:
          'Not shown: what a message waits. And the yardstick is no ceiling: who collects what many reads bring writes ' +
          'less often than it does. In spread traffic, and with one receiver for all, it still forwards to the partner. Where the generator is as busy as the server (see Headroom), the rate is the ' +
          "pair's, not the server's.",
      },
      {
        title: 'Server CPU for each message',
        svg: rowByRow(own, 'serverCpuMicros', palette, { label: 'microseconds of CPU', type: 'log' }),
        not: 'Not shown: memory, and what the operating system does on its own account for a connection.',
      },
    ]),
  }
}

const percentiles: Maker = (analyses, palette) => {
  const own = analyses.filter(({ workload }) => workload.name === 'round-trips-128' || workload.family === 'offered')
  return {
    id: 'latency',
    title: 'Latency by percentile',
    lead:
      'Each nine of the axis has as much room as the one before, because slow messages are the ones that people notice. ' +
      'A curve ends where fewer than ten messages were slower. Bands reach from the lowest block to the highest.',
    charts: drawable(
      own,
      own.map(({ workload, rows }) => ({
        title: workload.title,
        svg: byPercentile(rows, palette),
        workloads: [workload.name],
        not:
          workload.load.workload === 'round-trips'
            ? 'Not shown: messages that nobody sent because their sender waited. In a closed loop a slow server is sent less; the open loops below do not let it off.'
            : 'Lines count from when a message was due, whatever kept it from being sent; dotted ones from when it was sent. ' +
              'Not shown: how late the generator itself was (Headroom).',
        folded: workload.load.workload === 'open-loop' && workload.at !== SHOWN_RATE,
      })),
    ),
  }
}

const offered: Maker = (analyses, palette) => {
  const own = familyOf(analyses, 'offered')
  const x = { label: 'messages a second that are due' }
  return {
    id: 'offered',
    title: 'Latency against offered load',
    lead: 'Messages are sent when a schedule says so, whatever has come back. Hollow: less than 99 % arrived in time, so the server is saturated and not ranked.',
    charts: drawable(own, [
      {
        title: 'The 99th percentile',
        svg: byKnob(own, 'p99Micros', palette, x, { label: 'time', type: 'log', write: shortMicros }),
        not: 'Not shown: loads beyond the generator. It sends each message by itself and tops out near 60,000 a second.',
      },
      {
        title: 'The median',
        svg: byKnob(own, 'p50Micros', palette, x, { label: 'time', type: 'log', write: shortMicros }),
        not: 'Not shown: the tail; half of all messages were slower than this.',
      },
      {
        title: 'Messages that arrived, a second',
        svg: byKnob(own, 'messagesPerSecond', palette, x, { label: 'messages a second' }),
        not: 'Not shown: by how much they were late.',
      },
    ]),
  }
}

const clients: Maker = (analyses, palette) => {
  const own = familyOf(analyses, 'clients')
  const x = { label: 'pairs of clients', type: 'log' } as const
  return {
    id: 'clients',
    title: 'Scaling by clients',
    lead: 'Round trips, one message under way for each pair. All servers run on one thread: what grows is the share of work that is done together, not the number of workers.',
    charts: drawable(own, [
      {
        title: 'Messages a second',
        svg: byKnob(own, 'messagesPerSecond', palette, x, { label: 'messages a second' }),
        not: 'Not shown: pairs that are not equally busy.',
      },
      {
        title: 'The 99th percentile of a round trip',
        svg: byKnob(own, 'p99Micros', palette, x, { label: 'time', type: 'log', write: shortMicros }),
        not: 'Not shown: an open loop. With more pairs there is more under way, so time grows by itself.',
      },
    ]),
  }
}

const idle: Maker = (analyses, palette) => {
  const own = familyOf(analyses, 'idle')
  return {
    id: 'idle',
    title: 'Idle clients',
    lead: 'Sixteen pairs exchange messages while others are merely connected. A server that looks at everybody in each turn pays for them here.',
    charts: drawable(own, [
      {
        title: 'Server CPU for each message',
        svg: byKnob(own, 'serverCpuMicros', palette, { label: 'idle clients' }, { label: 'microseconds of CPU' }),
        not: 'Not shown: connecting and leaving.',
      },
    ]),
  }
}

const stalled: Maker = (analyses, palette) => {
  const own = familyOf(analyses, 'stalled')
  const x = { label: 'clients that stop reading and are flooded' }
  return {
    id: 'stalled',
    title: 'Stalled readers',
    lead:
      'Some clients stop reading, each flooded by a sender of its own. What does that do to sixteen pairs that have ' +
      'nothing to do with them? A server that waits with the write makes everybody wait until the write deadline.',
    charts: drawable(own, [
      {
        title: "Unrelated pairs' longest silence",
        svg: byKnob(own, 'silenceMs', palette, x, {
          label: 'time in which nothing arrived',
          type: 'log',
          write: shortMillis,
        }),
        not: 'Not shown: what the server holds in memory meanwhile, which the stress suite judges. The write deadline is 200 ms here, so that a run can see the end of it; it is 10 s by default.',
      },
      {
        title: "Unrelated pairs' 99th percentile",
        svg: byKnob(own, 'p99Micros', palette, x, {
          label: 'from when a message was due',
          type: 'log',
          write: shortMicros,
        }),
        not: 'Not shown: the messages of the flooding senders.',
      },
    ]),
  }
}

const crossOvers: Maker = (analyses, palette) => {
  const burst = familyOf(analyses, 'burst')
  const mailbox = familyOf(analyses, 'mailbox')
  const deadline = familyOf(analyses, 'deadline')
  return {
    id: 'cross-overs',
    title: 'Where patterns cross over',
    lead: 'One knob at a time: from which burst, which mailbox, which deadline on does another pattern win?',
    charts: [
      ...drawable(burst, [
        {
          title: 'By the length of a burst: messages a second',
          svg: byKnob(
            burst,
            'messagesPerSecond',
            palette,
            { label: 'messages written at once', type: 'log' },
            { label: 'messages a second', type: 'log' },
          ),
          not: 'Not shown: bursts of several senders to one receiver. The next burst is sent when the last has arrived whole, so a short one is mostly waiting.',
        },
      ]),
      ...drawable(mailbox, [
        {
          title: 'By what a server may hold for a destination: messages a second',
          svg: byKnob(
            mailbox,
            'messagesPerSecond',
            palette,
            { label: 'queuedBytesMax', type: 'log', write: shortBytes },
            { label: 'messages a second' },
          ),
          not: 'Not shown: readers that pause. All of them keep up here, and only the room between deciding and delivering differs.',
        },
      ]),
      ...drawable(deadline, [
        {
          title: "By the write deadline: unrelated pairs' longest silence with one stalled reader",
          svg: byKnob(
            deadline,
            'silenceMs',
            palette,
            { label: 'write deadline', type: 'log', write: shortMillis },
            { label: 'time in which nothing arrived', type: 'log', write: shortMillis },
          ),
          not: 'Not shown: the other side of a short deadline, which is that it ends clients who would have read on.',
        },
      ]),
    ],
  }
}

const memory: Maker = (analyses, palette) => {
  const crowded = familyOf(analyses, 'idle').filter(({ workload }) => (workload.load.idleClients ?? 0) > 0)
  const busy = familyOf(analyses, 'traffic')
  return {
    id: 'memory',
    title: 'Memory',
    lead: 'What a connection costs that says nothing, and what the process grew to under load.',
    charts: [
      ...drawable(crowded, [
        {
          title: 'Resident memory for each idle connection',
          svg: rowByRow(crowded, 'idleRssBytes', palette, { label: 'bytes', type: 'bytes' }),
          not: "Not shown: the kernel's own memory for a connection. Resident memory grows in steps; what the heap and its buffers hold without garbage is in the table of figures.",
        },
      ]),
      ...drawable(busy, [
        {
          title: 'The most resident memory under load',
          svg: rowByRow(busy, 'peakRssBytes', palette, { label: 'bytes', type: 'bytes' }),
          not: 'Not shown: how much of it is garbage that nobody had a reason to collect yet.',
        },
      ]),
    ],
  }
}

function familyOf(analyses: readonly WorkloadAnalysis[], family: Family): WorkloadAnalysis[] {
  return analyses
    .filter(({ workload }) => workload.family === family)
    .toSorted((one, other) => (one.workload.at ?? 0) - (other.workload.at ?? 0))
}

/** Those that could be drawn, with their workloads. */
function drawable(
  own: readonly WorkloadAnalysis[],
  made: readonly (Omit<Chart, 'svg' | 'workloads'> & {
    readonly svg: Svg | undefined
    readonly workloads?: readonly string[]
  })[],
): Chart[] {
  const workloads = own.map(({ workload }) => workload.name)
  return made.flatMap(({ svg, ...chart }) => (svg === undefined ? [] : [{ workloads, ...chart, svg }]))
}
