import { connect } from 'node:net'
import type { NetConnectOpts, Socket } from 'node:net'
import { liveClock } from '@switchyard/core'
import { hostAndPort } from '@switchyard/core/tcp'
import { Unreachable } from './target.ts'

/** How long a host may take to answer, ms. */
const CONNECT_MS = 5_000

/**
 * A TCP connection as the suite's clients want it: half-open endings are theirs, nothing is delayed, and nothing is read
 * that was not asked for. `signal` ends the attempt, and nothing that has been made.
 */
export function connectTcp(host: string, port: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Node's types know highWaterMark for listeners only; connections take it as well.
    const options: NetConnectOpts & { highWaterMark: number } = {
      host,
      port,
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: 0,
    }
    const socket = connect(options)
    const turnBack = (): void => void socket.destroy(new Error('given up'))
    signal?.addEventListener('abort', turnBack, { once: true })
    const give = liveClock.after(CONNECT_MS, () => {
      socket.destroy(new Error(`no answer within ${CONNECT_MS} ms`))
    })
    const failed = (error: Error): void => {
      give()
      reject(new Unreachable(`nothing answers at ${hostAndPort(host, port)}: ${reasonOf(error)}`, { cause: error }))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      give()
      signal?.removeEventListener('abort', turnBack)
      socket.off('error', failed)
      resolve(socket)
    })
  })
}

/** A name with several addresses fails with an error for each, and no message of its own. */
function reasonOf(error: Error): string {
  const errors: readonly Error[] = error instanceof AggregateError ? error.errors : [error]
  return errors.map(({ message }) => message).join('; ')
}
