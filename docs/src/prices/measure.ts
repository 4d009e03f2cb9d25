/**
 * Measures what each of the five pays for each problem, over real sockets, and writes `docs/measured.json`: `npm run prices --workspace
 * @switchyard/docs`. Some minutes; what it writes is committed, and the page is made from it.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { connect as dial } from 'node:net'
import { fileURLToPath } from 'node:url'
import { connect } from '@switchyard/adapters/mux'
import { startServer } from '@switchyard/harness'
import { PATTERNS } from '@switchyard/impls'
import type { Figure, Measured } from './measured.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const CLI = `${root}/cli/bin/switchyard.js`
const HOST = `${root}/cli/dist/host.js`

const MEASURE_MS = 2_000
const WARMUP_MS = 500
const STREAMS = 64
const ECHO_BYTES = 256
const ASKERS = 16
/** NAMES, as the specification has it: two bytes of length, and `n`. */
const NAMES_REQUEST = Uint8Array.of(0, 1, 0x6e)
const NODE_SEEDS = 30

const names: readonly string[] = PATTERNS.map(({ name }) => name)

const figures: Figure[] = [
  ...stressed('router', ['G2', 'G7', 'G8']),
  ...stressed('chat', ['G9']),
  ...stressed('exchange', ['G10', 'G11']),
  ...fannedOut(),
  ...(await each('mux', 'CPU an echo', 'µs', echoing)),
  ...(await each('epmd', 'CPU a question', 'µs', asking)),
  ...accounted(),
]
const measured: Measured = {
  made: {
    at: new Date().toISOString().slice(0, 10),
    command: 'npm run prices --workspace @switchyard/docs',
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  },
  figures,
}
writeFileSync(`${root}/docs/measured.json`, `${JSON.stringify(measured, undefined, 2)}\n`)

/** What `switchyard` prints, with these arguments. It exits with 1 where something is not as declared; then this throws. */
function switchyard(...args: string[]): string {
  console.info(`switchyard ${args.join(' ')}`)
  return execFileSync(process.execPath, [CLI, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 })
}

function stressed(protocol: string, guarantees: readonly string[]): Figure[] {
  const args = ['stress', '--protocol', protocol, '--guarantee', guarantees.join(','), ...names]
  const { cells }: { cells: readonly { subject: string; guarantee: string; figure: string }[] } = JSON.parse(
    switchyard(...args, '--json'),
  )
  const command = `switchyard ${args.join(' ')}`
  return cells.map(({ subject, guarantee, figure }) => ({
    problem: protocol,
    pattern: subject,
    what: guarantee,
    figure,
    command,
  }))
}

function fannedOut(): Figure[] {
  const args = ['fan-out', ...names, '--load', '50-to-50', '--rounds', '3']
  const { rows }: { rows: readonly { server: string; nanosPerDelivery: number }[] } = JSON.parse(
    switchyard(...args, '--json'),
  )
  return rows
    .filter(({ server }) => names.includes(server))
    .map(({ server, nanosPerDelivery }) => ({
      problem: 'chat',
      pattern: server,
      what: 'CPU a delivery',
      figure: `${nanosPerDelivery} ns`,
      command: `switchyard ${args.join(' ')}`,
    }))
}

/** Three nodes in simulation: the checker does the accounts of every pair. */
function accounted(): Figure[] {
  const args = ['explore', ...names, '--protocol', 'nodes', '--seeds', String(NODE_SEEDS)]
  const rows: readonly { name: string; explored: number; found: unknown }[] = JSON.parse(switchyard(...args, '--json'))
  return rows.map(({ name, explored, found }) => ({
    problem: 'nodes',
    pattern: name,
    what: 'simulated schedules',
    figure: `${found === null ? 'accounts closed' : 'a violation'} in ${explored}`,
    command: `switchyard ${args.join(' ')}`,
  }))
}

/** One of the five after the other, each in a process of its own: what `load` costs the server, CPU for each thing done. */
async function each(
  problem: string,
  what: string,
  unit: string,
  load: (port: number, done: () => void, signal: AbortSignal) => Promise<void>,
): Promise<Figure[]> {
  const found: Figure[] = []
  for (const pattern of names) {
    console.info(`${problem} ${pattern}`)
    await using server = await startServer({ module: HOST, args: [pattern, '--protocol', problem] })
    const over = new AbortController()
    let count = 0
    const loading = load(server.port, () => count++, over.signal)
    await passed(WARMUP_MS)
    const [before, counted] = [await server.cpu(), count]
    await passed(MEASURE_MS)
    const [after, total] = [await server.cpu(), count]
    over.abort()
    await loading
    const micros = (after.cpuMicros - before.cpuMicros) / (total - counted)
    found.push({
      problem,
      pattern,
      what,
      figure: `${micros.toPrecision(3)} ${unit}`,
      command: 'npm run prices --workspace @switchyard/docs',
    })
  }
  return found
}

/** Streams of one connection, each with one message on its way. */
async function echoing(port: number, done: () => void, signal: AbortSignal): Promise<void> {
  const [client] = PATTERNS
  if (!client) return
  await using session = await connect({ host: '127.0.0.1', port }, { pattern: client })
  const message = new Uint8Array(ECHO_BYTES)
  const echo = async (): Promise<void> => {
    const stream = await session.openStream()
    let came = 0
    stream.on('data', (bytes: Uint8Array) => {
      came += bytes.length
      if (came < ECHO_BYTES) return
      came -= ECHO_BYTES
      done()
      if (!signal.aborted) stream.write(message)
    })
    stream.write(message)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    stream.destroy()
  }
  await Promise.all(Array.from({ length: STREAMS }, echo))
}

/** Each connects, asks for all names, and is closed behind the answer, as EPMD does. */
async function asking(port: number, done: () => void, signal: AbortSignal): Promise<void> {
  const ask = async (): Promise<void> => {
    while (!signal.aborted) {
      const socket = dial(port, '127.0.0.1')
      socket.resume()
      socket.write(NAMES_REQUEST)
      await once(socket, 'close')
      done()
    }
  }
  await Promise.all(Array.from({ length: ASKERS }, ask))
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
