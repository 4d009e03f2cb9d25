// Streams of sessions beside those of @libp2p/yamux: `npm run streams`. Each server is a new process, and all are measured in turn, round by round.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuMicrosOfProcesses } from '@switchyard/harness'
import { PATTERNS } from '@switchyard/impls'
import { Peer } from './load.ts'
import type { Load } from './load.ts'

const LIBP2P = '@libp2p/yamux'
/** A server without streams, which writes what it reads: nothing that frames and counts can be faster. In bulk only, where an echo is an answer. */
const BARE = 'net, no streams'
/** Of the server's CPU: on a busy machine a time of the clock would measure cold code. */
const WARM_CPU_MS = 700
const MEASURE_CPU_MS = 1_000
const LOOK_MS = 20
const STREAMS = 64

const LOADS = {
  trips: { streams: STREAMS, kind: 'round-trips', stalled: false },
  stalled: { streams: STREAMS, kind: 'round-trips', stalled: true },
  one: { streams: 1, kind: 'bulk', stalled: false },
  many: { streams: STREAMS, kind: 'bulk', stalled: false },
} as const satisfies Readonly<Record<string, Load>>
type LoadName = keyof typeof LOADS
const LOAD_NAMES = ['trips', 'stalled', 'one', 'many'] as const

/** One measurement. */
interface Measured {
  readonly perSecond: number
  /** The server's, of a round trip or a megabyte. */
  readonly cpuMicros: number
  readonly p99Ms: number
  readonly fairness: number
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const BARE_ECHO = here('bare-echo.js')
/** From `dist`. */
const LIBP2P_ECHO = here('../../../mux/interop/libp2p/yamux-echo.js')

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, out: { type: 'string' } } })
const rounds = Number(values.rounds)
if (!Number.isSafeInteger(rounds) || rounds < 1)
  fail('npm run streams -- [--rounds N] [--out PAGE.md]: N is a whole number from 1')
if (!existsSync(here('../../../mux/interop/libp2p/node_modules'))) {
  fail('@libp2p/yamux is not installed; it has a lockfile of its own: (cd adapters/mux/interop/libp2p && npm ci)')
}

const SERVERS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(PATTERNS.map(({ name }) => [name, [here('echo-server.js'), name]])),
  [LIBP2P]: [LIBP2P_ECHO, '0'],
}
const serversOf = (load: LoadName): typeof SERVERS =>
  LOADS[load].kind === 'bulk' ? { ...SERVERS, [BARE]: [BARE_ECHO] } : SERVERS
const results = new Map<string, Measured[]>()
for (let round = 1; round <= rounds; round++) {
  for (const load of LOAD_NAMES) {
    for (const [name, command] of Object.entries(serversOf(load))) {
      const measured = await measure(command, load)
      const key = keyOf(name, load)
      results.set(key, [...(results.get(key) ?? []), measured])
    }
  }
  if (process.stderr.isTTY) process.stderr.write(`round ${round} of ${rounds}\n`)
}
const page = pageOf()
process.stdout.write(page)
if (values.out !== undefined) writeFileSync(values.out, page)

async function measure(command: readonly string[], name: LoadName): Promise<Measured> {
  const load: Load = LOADS[name]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  try {
    const [first] = await once(child.stdout, 'data')
    const peer = new Peer(load)
    await peer.connect(Number(String(first)))
    const cpu = (): number => cpuMicrosOfProcesses([child.pid ?? 0]) ?? Number.POSITIVE_INFINITY
    const used = async (ms: number): Promise<number> => {
      const before = cpu()
      while (cpu() < before + ms * 1000) await passed(LOOK_MS)
      return cpu() - before
    }
    await used(WARM_CPU_MS)
    peer.begin()
    const cpuMicros = await used(MEASURE_CPU_MS)
    const { seconds, count, p99Ms, fairness } = peer.end()
    const units = load.kind === 'bulk' ? count / 1e6 : count
    return { perSecond: units / seconds, cpuMicros: cpuMicros / units, p99Ms, fairness }
  } finally {
    child.kill('SIGKILL')
    await closed
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function keyOf(name: string, load: LoadName): string {
  return `${name} ${load}`
}

function of(name: string, load: LoadName): readonly Measured[] {
  return results.get(keyOf(name, load)) ?? []
}

function middle(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** The median of the ratios within the rounds. */
function times(one: readonly Measured[], other: readonly Measured[], figure: keyof Measured): string {
  return middle(one.map((each, round) => each[figure] / (other[round]?.[figure] ?? Number.NaN))).toFixed(2)
}

function pageOf(): string {
  const names = Object.keys(SERVERS)
  const inBulk = [...names, BARE]
  const row = (name: string, load: LoadName, digits: number): readonly string[] => {
    const [own, reference] = [of(name, load), of(LIBP2P, load)]
    const shown = (figure: keyof Measured, places: number): string =>
      middle(own.map((each) => each[figure])).toFixed(places)
    return [
      name,
      shown('perSecond', 0),
      times(own, reference, 'perSecond'),
      shown('cpuMicros', digits),
      times(reference, own, 'cpuMicros'),
      ...(load === 'many' ? [middle(own.map(({ fairness }) => fairness)).toFixed(4)] : []),
    ]
  }
  const bulk = ['', 'MB/s', `times ${LIBP2P}`, 'CPU of the server, µs a MB', `${LIBP2P} has times that`]
  return [
    '# Streams beside another library',
    'Made by `npm run streams`: an echo server on sessions of each pattern, and one on the streams of @libp2p/yamux 8.0.3, each in a new process, measured in turn, ' +
      'round by round, by one client that speaks yamux by itself. What each stream brings goes back in it, so a byte is received and sent. In bulk, a server that writes what it reads and knows of no streams says what a byte costs in any case. Medians of ' +
      `${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${MEASURE_CPU_MS / 1000} s of the server's CPU; ratios are medians of those within each round. ${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}.`,
    `## Round trips, ${STREAMS} streams with one message each under way`,
    table(
      ['', 'a second', `times ${LIBP2P}`, 'CPU of the server, µs', `${LIBP2P} has times that`],
      names.map((name) => row(name, 'trips', 1)),
    ),
    `## Bulk, one stream`,
    table(
      bulk,
      inBulk.map((name) => row(name, 'one', 0)),
    ),
    `## Bulk, ${STREAMS} streams`,
    table(
      [...bulk, "Jain's index"],
      inBulk.map((name) => row(name, 'many', 0)),
    ),
    `## One stream is granted nothing`,
    `${STREAMS} others' round trips, 99 of 100, ms, while as much of 4 MB is sent at one stream as its server takes, and nothing is read of it.`,
    table(
      ['', 'everybody reads', 'one does not', 'times'],
      names.map((name) => {
        const [usual, beside] = [of(name, 'trips'), of(name, 'stalled')]
        const p99 = (all: readonly Measured[]): string => middle(all.map(({ p99Ms }) => p99Ms)).toFixed(1)
        return [name, p99(usual), p99(beside), times(beside, usual, 'p99Ms')]
      }),
    ),
    '',
  ].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`)
  process.exit(3)
}
