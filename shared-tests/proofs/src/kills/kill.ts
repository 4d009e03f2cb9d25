/**
 * An exchange that is killed while it trades: what its clients were told must be what its journal says, and the next server must go on from
 * there. Each kill comes when a client has read so many bytes, which the seed decides.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readJournal } from '@switchyard/adapters/journal'
import type { Random } from '@switchyard/core'
import { auditOf, Engine } from '@switchyard/protocols/exchange'
import { cancel, DEMO, enter, login, packet } from '@switchyard/protocols/exchange/suite'

const BIN = fileURLToPath(new URL('../../../../cli/bin/switchyard.js', import.meta.url))
const TRADERS = ['ANN', 'BOB', 'CARL'] as const
/** Behind that many bytes of answers, at most, a server is killed. */
const BYTES_MAX = 60_000
const COMMANDS_AT_ONCE = 20
/** In that time a server says that it listens, or it is no server. */
const START_MS = 30_000
const TORN_BYTES_MAX = 200
const SEQUENCED = 0x53

/** What an account was told by all servers so far: its messages, one after the other, as packets. */
export type Told = Map<string, Uint8Array[]>

export interface Killed {
  /** Messages that clients had read, and those that the journal has. */
  readonly told: number
  readonly kept: number
  /** Whether garbage was written behind the journal's end. */
  readonly torn: boolean
  /** In words; none: nothing was lost. */
  readonly problems: readonly string[]
}

/** Starts a server on what the last one left, kills it while it trades, and audits what is there. */
export async function killOnce(pattern: string, folder: string, told: Told, random: Random): Promise<Killed> {
  const child = spawn(
    process.execPath,
    [BIN, 'serve', pattern, '--protocol', 'exchange', '--port', '0', '--journal', folder],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  try {
    const port = await portOf(child)
    const until = 1 + random.below(BYTES_MAX)
    let read = 0
    await new Promise<void>((resolve) => {
      for (const name of TRADERS) {
        trade(port, name, told, random, (bytes) => {
          read += bytes
          if (read >= until) resolve()
        })
      }
    })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const torn = random.below(2) === 0
  if (torn) tear(folder, random)
  return audited(folder, told, torn)
}

/** One client: logs in from what it has read, and sends commands as long as it is answered. */
function trade(port: number, name: string, told: Told, random: Random, heard: (bytes: number) => void): void {
  const messages = told.get(name) ?? []
  told.set(name, messages)
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  let input = Buffer.alloc(0)
  socket.on('error', () => {}) // The server is killed: that is what this is about.
  socket.write(login(name, `pw${name}`, '', messages.length + 1))
  socket.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk])
    let at = 0
    for (
      ;
      at + 2 <= input.length && at + 2 + input.readUInt16BE(at) <= input.length;
      at += 2 + input.readUInt16BE(at)
    ) {
      if (input[at + 2] === SEQUENCED)
        messages.push(Uint8Array.from(input.subarray(at, at + 2 + input.readUInt16BE(at))))
    }
    input = input.subarray(at)
    heard(chunk.length)
    command(socket, name, messages.length, random)
  })
}

function command(socket: Socket, name: string, from: number, random: Random): void {
  const count = 1 + random.below(COMMANDS_AT_ONCE)
  const packets = Array.from({ length: count }, (_, index) => {
    const token = `${name}${from}-${index}-${random.below(100)}`
    if (random.below(6) === 0) return packet('U', cancel(`${name}${random.below(from + 1)}-${random.below(5)}`))
    const side = random.below(2) === 0 ? 'B' : 'S'
    return packet('U', enter(token, { side, shares: 1 + random.below(100), price: 10_000 + random.below(5) }))
  })
  socket.write(Buffer.concat(packets))
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = ''
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  try {
    for await (const chunk of child.stdout ?? []) {
      said += String(chunk)
      const [, port] = /:(\d+) \(pid/.exec(said) ?? []
      if (port !== undefined) return Number(port)
    }
  } finally {
    clearTimeout(timer)
  }
  throw new Error(`the server did not start: ${said}`)
}

/** What a batch looks like that a crash has cut: bytes behind the last whole one. */
function tear(folder: string, random: Random): void {
  const file =
    readdirSync(folder)
      .filter((name) => name.endsWith('.journal'))
      .toSorted()
      .at(-1) ?? ''
  const path = join(folder, file)
  const bytes = readFileSync(path)
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  const garbage = Uint8Array.from({ length: 1 + random.below(TORN_BYTES_MAX) }, () => random.below(256))
  const handle = openSync(path, 'r+')
  writeSync(handle, garbage, 0, garbage.length, end)
  closeSync(handle)
}

async function audited(folder: string, told: Told, torn: boolean): Promise<Killed> {
  const engine = new Engine(DEMO)
  const problems: string[] = []
  await readJournal(folder, engine).catch((error: unknown) => problems.push(String(error)))
  let [heard, kept] = [0, 0]
  for (const [name, messages] of told) {
    const stream = packetsOf(engine, name)
    heard += messages.length
    kept += stream.length
    if (messages.length > stream.length) {
      problems.push(`${name} was told ${messages.length} messages, and the journal has ${stream.length}`)
    }
    const wrong = messages.findIndex(
      (message, index) => Buffer.compare(message, stream[index] ?? new Uint8Array(0)) !== 0,
    )
    if (wrong >= 0 && wrong < stream.length)
      problems.push(`message ${wrong + 1} of ${name} is another one in the journal`)
  }
  return { told: heard, kept, torn, problems: [...problems, ...auditOf(engine).problems] }
}

function packetsOf(engine: Engine, name: string): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (const { bytes, end } of engine.accountOf(name)?.stream.segments() ?? []) {
    for (let at = 0; at < end;) {
      const next = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
      packets.push(bytes.subarray(at, next))
      at = next
    }
  }
  return packets
}
