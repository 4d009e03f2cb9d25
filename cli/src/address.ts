import { once } from 'node:events'
import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { hostAndPort } from '@switchyard/core/tcp'
import { Argument } from 'commander'
import { Failure, Misuse } from './exit.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

const DEFAULT: Address = { host: '127.0.0.1', port: 7000 }
/** How long a server may take to close when it was asked to, ms. */
const CLOSE_MS = 2_000
/** `7000`, `:7000`, `host`, `host:7000`, `[::1]:7000`. */
const FORM = /^(?:\[(?<bracketed>[^\]]+)\]|(?<host>[^:\s]*?))(?::?(?<port>\d{1,5}))?$/

/** Where a server listens: `what` it is, as in "the chat". */
export function addressArgument(what: string): Argument {
  const argument = new Argument('[host:port]', `where ${what} is; default: ${DEFAULT.host}:${DEFAULT.port}`)
  return argument.argParser(addressOf).default(DEFAULT, `${DEFAULT.host}:${DEFAULT.port}`)
}

export function addressOf(text: string): Address {
  const { bracketed, host, port } = FORM.exec(text)?.groups ?? {}
  const address = { host: bracketed || host || DEFAULT.host, port: port === undefined ? DEFAULT.port : Number(port) }
  if (bracketed === undefined && host === undefined) throw misuse(text)
  if (address.port < 1 || address.port > 65_535) throw misuse(text)
  return address
}

/** Throws Failure, with what the system says and how to start one, if nothing answers that runs `protocol`. */
export async function dial({ host, port }: Address, protocol: string, signal?: AbortSignal): Promise<Socket> {
  const socket = createConnection({ host, port, noDelay: true })
  try {
    await once(socket, 'connect', { ...(signal && { signal }) })
    return socket
  } catch (error) {
    socket.destroy()
    if (signal?.aborted) throw signal.reason
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Failure(
      `Nothing answers at ${hostAndPort(host, port)} (${code}). To start one: switchyard serve reactor --protocol ${protocol}`,
    )
  }
}

/** Settles when the connection is over: whether it came to its end in order. */
export async function ended(socket: Socket): Promise<boolean> {
  let whole = true
  socket.on('error', () => (whole = false))
  // A server that does not close is left all the same.
  socket.on('finish', () => setTimeout(() => socket.destroy(), CLOSE_MS).unref())
  await once(socket, 'close')
  return whole
}

function misuse(text: string): Misuse {
  return new Misuse(
    `"${text}" is no address: it must be host:port, such as ${DEFAULT.host}:${DEFAULT.port} or [::1]:7000.`,
  )
}
