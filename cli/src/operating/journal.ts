import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Given } from '@switchyard/conformance'
import { liveClock } from '@switchyard/core'
import type { CloseReason, Journal } from '@switchyard/core'
import type { Logger } from 'pino'
import { Sparing } from './sparing.ts'

/** The most lines of one kind in a second. */
const LINES_MAX = 20

/** `debug` is the ordinary course of things; `warn`: a limit ended the connection. */
const LEVEL_OF: Readonly<Record<CloseReason, 'debug' | 'info' | 'warn'>> = {
  'client-fin': 'debug',
  'protocol-close': 'debug',
  'protocol-abort': 'info',
  'server-shutdown': 'debug',
  reset: 'info',
  'message-too-long': 'warn',
  'write-deadline': 'warn',
  'held-bytes': 'warn',
  'shutdown-deadline': 'warn',
}

type Say = (level: 'info' | 'warn' | 'error', kind: string, fields: object, text: string) => void

/** Writes what happens to connections into a log: a line at most for each, and none for a message. */
export function journalOf(logger: Logger): Journal {
  const say = sparingly(logger)
  return {
    opened: (client, socket) => {
      if (logger.isLevelEnabled('debug')) logger.debug({ client, peer: peerOf(socket) }, 'connection opened')
    },
    refused: () => say('warn', 'refused', {}, 'connection refused: no place, no id, or shutting down'),
    closed: ({ client, reason, bytesIn, bytesOut }) => {
      const level = LEVEL_OF[reason]
      const fields = { client, reason, bytesIn, bytesOut }
      if (level === 'debug') logger.debug(fields, 'connection closed')
      else say(level, reason, fields, 'connection closed')
    },
    listenerFailed: (error) => say('error', 'listener', { error: error.message }, 'accepting failed'),
  }
}

/** Writes what a protocol tells its operator. */
export function protocolLogOf(logger: Logger): NonNullable<Given['log']> {
  const say = sparingly(logger)
  return (what, fields) => say('info', what, fields, what)
}

function sparingly(logger: Logger): Say {
  const sparing = new Sparing(LINES_MAX, () => liveClock.now())
  return (level, kind, fields, text) => {
    if (!logger.isLevelEnabled(level)) return
    const skipped = sparing.pass(kind)
    if (skipped === undefined) return
    logger[level](skipped > 0 ? { ...fields, skipped } : fields, text)
  }
}

function peerOf(socket: Duplex): string | undefined {
  return socket instanceof Socket && socket.remoteAddress !== undefined
    ? `${socket.remoteAddress}:${socket.remotePort}`
    : undefined
}
