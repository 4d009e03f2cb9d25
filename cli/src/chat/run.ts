import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { ServerLines } from '@switchyard/protocols/chat'
import { coloursFor } from '../colours.ts'
import { EXIT, Misuse } from '../exit.ts'
import type { Address } from '../address.ts'
import { dial, ended } from '../address.ts'
import { Terminal } from './terminal.ts'

/** A server of anybody's must not reach the terminal: all control characters but TAB. */
// oxlint-disable-next-line no-control-regex -- they are what it is for
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface ChatFlags {
  readonly name?: string
  readonly room?: string
  readonly log?: string
}

/** Settles with the exit code when the chat is over. */
export async function chat(address: Address, { name, room, log }: ChatFlags): Promise<number> {
  const journal = log === undefined ? undefined : await journalAt(log)
  const socket = await dial(address, 'chat')
  if (name !== undefined) socket.write(`/name ${name}\n`)
  if (room !== undefined) socket.write(`/join ${room}\n`)
  const { stdin, stdout } = process
  const terminal =
    stdin.isTTY && stdout.isTTY
      ? new Terminal(socket, { input: stdin, output: stdout, colours: coloursFor(stdout) })
      : undefined
  const plain = terminal ? undefined : new Plain(stdin, socket)
  const show = (line: string): void => {
    if (terminal) terminal.show(line)
    else stdout.write(`${line}\n`)
  }

  const lines = new ServerLines()
  socket.on('data', (chunk: Uint8Array) => {
    for (const line of lines.add(chunk)) {
      const clean = line.replaceAll(CONTROLS, '')
      journal?.write(`${new Date().toISOString()} ${clean}\n`)
      show(clean)
    }
  })
  const client = terminal ?? plain
  const leave = (): void => client?.quit()
  for (const signal of SIGNALS) process.on(signal, leave)
  const whole = await ended(socket)
  for (const signal of SIGNALS) process.off(signal, leave)
  const left = client?.quitting === true
  terminal?.end()
  if (journal) await once(journal.end(), 'finish')
  if (whole && left) return EXIT.passed
  process.stderr.write('The server has closed the connection.\n')
  return EXIT.failed
}

/** Says each line of a stream as it comes. At its end the client leaves, once it has been sent what it has caused until then. */
class Plain {
  readonly #socket: Socket
  #quitting = false

  constructor(input: NodeJS.ReadableStream, socket: Socket) {
    this.#socket = socket
    const reader = createInterface({ input, terminal: false })
    reader.on('line', (line) => {
      this.#quitting ||= line.trim() === '/quit'
      if (socket.writable && !socket.write(`${line}\n`)) {
        reader.pause()
        socket.once('drain', () => reader.resume())
      }
    })
    reader.on('close', () => this.#end())
    socket.on('close', () => reader.close())
  }

  get quitting(): boolean {
    return this.#quitting
  }

  quit(): void {
    this.#quitting = true
    this.#socket.end('/quit\n')
  }

  #end(): void {
    if (this.#socket.destroyed || this.#socket.readableEnded) return // The server was first.
    this.#quitting = true
    this.#socket.end()
  }
}

async function journalAt(path: string): Promise<ReturnType<typeof createWriteStream>> {
  const journal = createWriteStream(path, { flags: 'a' })
  try {
    await once(journal, 'open')
    return journal
  } catch (error) {
    throw new Misuse(`--log: can't write ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
