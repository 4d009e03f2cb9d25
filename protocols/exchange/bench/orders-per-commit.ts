// How many orders share one sync of the journal, and how many orders a second that makes: `npm run orders-per-commit`. Clients trade from a
// process of their own, every server is a new one, and all are measured in turn, round by round.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { cpuMicrosOfProcesses } from '@switchyard/harness'

/** Sessions, and orders that each has under way. */
const LOADS = [
  { sessions: 16, window: 1 },
  { sessions: 64, window: 1 },
  { sessions: 16, window: 32 },
  { sessions: 64, window: 16 },
] as const
interface Load {
  readonly sessions: number
  readonly window: number
}
/** What orders a second are told of. */
const PIPELINED: Load = LOADS[3]
const DEEPER: Load = { sessions: 16, window: 256 }
/** How long a sync of a slower disk takes, more than one of this machine's, ms. */
const SLOWER_MS = 1
/** One of ten of these reads nothing; what the others notice of that. */
const STALLED = { sessions: 60, window: 1 } as const
const NOT_STALLED = ['race', 'reactor'] as const
const FIVE = ['mutex', 'channels', 'channel-per-writer', 'race', 'reactor'] as const
const VARIANTS = ['mutex-early-release', 'channels-batched'] as const
const PLAIN = 'net + nodejs-order-book'
const WARM_MS = 500
const MEASURE_MS = 1_000
const SESSIONS_MAX = 64

/** What is measured, and told, each for itself. */
const PARTS = ['syncs', 'durable', 'plain', 'stalled'] as const
type Part = (typeof PARTS)[number]

const CLI = fileURLToPath(new URL('../../../../cli/dist/main.js', import.meta.url))
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    out: { type: 'string' },
    // Rates are measured before everything else that the machine has to do. For root, on a machine that others use.
    first: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const { only } = values
if (!Number.isSafeInteger(rounds) || rounds < 1 || (only !== undefined && !PARTS.some((part) => part === only))) {
  process.stderr.write(
    `npm run orders-per-commit -- [--rounds N] [--first] [--only ${PARTS.join('|')}] [--out PAGE.md]: N is a whole number from 1\n`,
  )
  process.exit(3)
}

/** One measurement. */
interface Measured {
  readonly ordersPerSecond: number
  /** NaN without a journal. */
  readonly ordersPerCommit: number
  /** The server's. */
  readonly cpuMicrosPerOrder: number
  /** From an order to its answer, with one order at a time. */
  readonly p99Ms: number
}

type Child = ChildProcessByStdio<null, Readable, null>

interface Started {
  readonly child: Child
  readonly port: number
  /** Commands and syncs of the journal; undefined for one without such figures. */
  figures(): Promise<{ readonly orders: number; readonly syncs: number } | undefined>
}

/** What stands in front of a command that is to run first, and of one that is not. This process looks at clocks, before all of them. */
const FIRST = values.first ? ['chrt', '--rr', '1'] : []
const USUAL = values.first ? ['chrt', '--other', '0'] : []
if (values.first) execFileSync('chrt', ['--rr', '--pid', '2', String(process.pid)])

const results = new Map<string, Measured[]>()
for (let round = 1; round <= rounds; round++) {
  for (const part of PARTS) if (only === undefined || only === part) await measurePart(part)
  if (process.stderr.isTTY) process.stderr.write(`round ${round} of ${rounds}\n`)
}
const page = pageOf()
process.stdout.write(page)
if (values.out !== undefined) writeFileSync(values.out, page)

async function measurePart(part: Part): Promise<void> {
  switch (part) {
    case 'syncs':
      for (const load of LOADS) {
        for (const name of [...FIVE, ...VARIANTS]) await measure(`${name} ${keyOf(load)}`, load, () => journaled(name))
      }
      return
    case 'durable':
      for (const name of [...FIVE, ...VARIANTS]) {
        for (const ms of [0, SLOWER_MS])
          await measure(`${name} durable ${ms}`, PIPELINED, () => journaled(name, ms, FIRST), 0, FIRST)
      }
      return
    case 'plain':
      for (const load of [PIPELINED, DEEPER]) {
        for (const name of FIVE)
          await measure(`${name} plain ${keyOf(load)}`, load, () => exchange(name, [], FIRST), 0, FIRST)
        await measure(`${PLAIN} plain ${keyOf(load)}`, load, plain, 0, FIRST)
      }
      return
    case 'stalled':
      for (const name of NOT_STALLED) {
        for (const stalled of [0, STALLED.sessions / 10])
          await measure(`${name} ${stalled} stalled`, STALLED, () => journaled(name, 0, FIRST), stalled, FIRST)
      }
      return
  }
}

async function measure(
  key: string,
  { sessions, window }: Load,
  start: () => Promise<Started>,
  stalled = 0,
  first: readonly string[] = USUAL,
): Promise<void> {
  const server = await start()
  const closed = once(server.child, 'close')
  try {
    const traders = started(
      [here('traders.js'), server.port, sessions, window, stalled, WARM_MS, MEASURE_MS].map(String),
      first,
    )
    await saidBy(traders, /^begun\n/)
    const cpu = (): number => cpuMicrosOfProcesses([server.child.pid ?? 0]) ?? Number.NaN
    const before = cpu()
    const { orders, seconds, p99 }: { orders: number; seconds: number; p99: number } = JSON.parse(
      await saidBy(traders, /\n/),
    )
    const cpuMicros = cpu() - before
    const figures = await server.figures()
    const measured: Measured = {
      ordersPerSecond: orders / seconds,
      ordersPerCommit: figures ? figures.orders / figures.syncs : Number.NaN,
      cpuMicrosPerOrder: cpuMicros / orders,
      p99Ms: p99,
    }
    results.set(key, [...(results.get(key) ?? []), measured])
  } finally {
    server.child.kill('SIGKILL')
    await closed
  }
}

async function journaled(pattern: string, slowerMs = 0, first: readonly string[] = USUAL): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-commits-'))
  const slower = slowerMs > 0 ? ['--import', new URL(`slow-disk.js?ms=${slowerMs}`, import.meta.url).href] : []
  const server = await exchange(pattern, ['--journal', folder], first, slower)
  server.child.once('close', () => rmSync(folder, { recursive: true }))
  return server
}

async function exchange(
  pattern: string,
  more: readonly string[],
  first: readonly string[] = USUAL,
  node: readonly string[] = [],
): Promise<Started> {
  const accounts = ['--load-accounts', String(SESSIONS_MAX), '--stream-bytes-max', String(2 ** 32)]
  const args = [
    ...node,
    CLI,
    'serve',
    pattern,
    '--protocol',
    'exchange',
    '--port',
    '0',
    '--stats-port',
    '0',
    '--log-level',
    'error',
    ...accounts,
  ]
  const child = started([...args, ...more], first)
  const words = await saidBy(child, /statistics at (http:\S+)/)
  const [, port] = /:(\d+) \(pid/.exec(words) ?? []
  const [, url = ''] = /statistics at (http:\S+\/)/.exec(words) ?? []
  return {
    child,
    port: Number(port),
    async figures() {
      if (more.length === 0) return undefined
      const text = await (await fetch(`${url}metrics`)).text()
      const figure = (name: string): number =>
        Number(new RegExp(`^switchyard_exchange_${name} (\\d+)`, 'm').exec(text)?.[1])
      return { orders: figure('journal_commands_total'), syncs: figure('journal_syncs_total') }
    },
  }
}

async function plain(): Promise<Started> {
  const child = started([here('plain-server.js')], FIRST)
  const words = await saidBy(child, /^\d+\n/)
  return { child, port: Number(words), figures: () => Promise.resolve(undefined) }
}

/** A process of Node, which other processes may have to wait for. */
function started(args: readonly string[], first: readonly string[]): Child {
  const [program = process.execPath, ...rest] = [...first, process.execPath, ...args]
  return spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** What a process has said since it was asked last, when that stands in it. */
async function saidBy(child: Child, sought: RegExp): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk)
    if (sought.test(said)) return said
  }
  throw new Error(`a process ended and had said no more than: ${said}`)
}

function keyOf({ sessions, window }: Load): string {
  return `${sessions}:${window}`
}

function median(key: string, figure: keyof Measured): number {
  const sorted = (results.get(key) ?? []).map((each) => each[figure]).toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

function pageOf(): string {
  const told = (part: Part): boolean => only === undefined || only === part
  return [
    '# Orders for one sync',
    'Made by `npm run orders-per-commit`, which measures all of it in turn, round by round, each time with a new server and with clients in a ' +
      `process of their own; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${MEASURE_MS / 1000} s${values.first ? ', rates with `--first`: before whatever else the machine has to do' : ''}. ${cpus()[0]?.model}, ${cpus().length} cores, ` +
      `Node ${process.version}. How many orders share a sync hardly depends on the machine; how many there are in a second does.`,
    `Commit ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}. ` +
      'Columns are sessions and how many orders each has under way. Each answer is a promise that the order is on the disk.',
    ...(told('syncs') ? [region('table', syncsTable())] : []),
    region(
      'rates',
      [
        ...(told('durable') ? durableRates() : []),
        ...(told('plain') ? plainRates() : []),
        ...(told('stalled') ? stalledTimes() : []),
      ].join('\n\n'),
    ),
    '',
  ].join('\n\n')
}

function syncsTable(): string {
  const rows = [...FIVE, ...VARIANTS].map((name) => [
    name,
    ...LOADS.map((load) => median(`${name} ${keyOf(load)}`, 'ordersPerCommit')).map((value) =>
      value < 100 ? value.toFixed(1) : value.toFixed(0),
    ),
  ])
  return table(['', ...LOADS.map(keyOf)], rows)
}

function durableRates(): readonly string[] {
  const rows = [...FIVE, ...VARIANTS].map((name) => [
    name,
    ...[0, SLOWER_MS].flatMap((ms) => rate(`${name} durable ${ms}`, `mutex durable ${ms}`)),
  ])
  return [
    `## Durable orders a second, ${keyOf(PIPELINED)}`,
    `On this machine's disk, and on one whose sync takes ${SLOWER_MS} ms more. The faster the disk, the less is there to share: mutex has a sync for ` +
      'each 16 orders, and spends more time on its steps than on the disk.',
    table(headed('mutex', ['this disk', `${SLOWER_MS} ms more`]), rows),
  ]
}

function plainRates(): readonly string[] {
  const loads = [PIPELINED, DEEPER].map(keyOf)
  const rows = [...FIVE, PLAIN].map((name) => [
    name,
    ...loads.flatMap((load) => rate(`${name} plain ${load}`, `${PLAIN} plain ${load}`)),
  ])
  return [
    '## Without a journal',
    "Beside a server of Node's `net` and nodejs-order-book, with a `socket.write` for each message, on the same wire.",
    table(headed('plain', loads), rows),
  ]
}

function stalledTimes(): readonly string[] {
  const rows = NOT_STALLED.map((name) => {
    const [usual = 0, beside = 0] = [0, STALLED.sessions / 10].map((stalled) =>
      median(`${name} ${stalled} stalled`, 'p99Ms'),
    )
    return [name, usual.toFixed(1), beside.toFixed(1), (beside / usual).toFixed(1)]
  })
  return [
    `## One of ten reads nothing, ${keyOf(STALLED)}`,
    'From an order of the others to its answer, 99 of 100, ms; those that read nothing are owed more than their kernels take. The other three declare that somebody waits (G2).',
    table(['', 'everybody reads', 'one of ten does not', 'times'], rows),
  ]
}

/** Orders a second, how many times those of another, and CPU time for each. */
function rate(key: string, of: string): readonly string[] {
  const value = median(key, 'ordersPerSecond')
  const micros = median(key, 'cpuMicrosPerOrder')
  return [Math.round(value).toLocaleString('en'), (value / median(of, 'ordersPerSecond')).toFixed(1), micros.toFixed(1)]
}

/** Heads of three columns for each of `columns`, the second of which compares with `of`. */
function headed(of: string, columns: readonly string[]): string[] {
  return ['', ...columns.flatMap((column) => [`orders/s, ${column}`, `times ${of}`, 'CPU, µs an order'])]
}

/** A part of the page that a chapter includes. */
function region(name: string, text: string): string {
  return `<!-- #region ${name} -->\n\n${text}\n\n<!-- #endregion ${name} -->`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
