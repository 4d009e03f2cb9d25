import { fileURLToPath } from 'node:url'

/** A server with one fault of those that beginners make, and the cause that a verdict has to name first. */
export interface BeginnersServer {
  readonly fault: string
  /** `{binary}` stands for where `source` is compiled to. */
  readonly command: string
  /** C, to be compiled first. */
  readonly source?: string
  /** A cause's id; none: it keeps every clause. */
  readonly cause?: string
}

const HERE = fileURLToPath(new URL('../../beginners/', import.meta.url))
const EXAMPLE = fileURLToPath(new URL('../../../../examples/python/server.py', import.meta.url))

const threads = (fault: string, cause: string): BeginnersServer => ({
  fault,
  command: `exec python3 ${HERE}threads.py {port} '${fault}'`,
  cause,
})

const loop = (fault: string, cause: string): BeginnersServer => ({
  fault,
  command: `exec python3 ${HERE}loop.py {port} '${fault}'`,
  cause,
})

export const BEGINNERS_SERVERS: readonly BeginnersServer[] = [
  threads('a read under the lock', 'silent-client-blocks'),
  threads('a read is a message', 'one-message-per-read'),
  threads('an if in place of a while', 'buffer-without-loop'),
  loop('ends when one leaves', 'ends-at-disconnect'),
  loop('reads on behind a FIN', 'spins-after-fin'),
  loop('queues without end', 'no-limits'),
  threads('a write under the lock', 'blocks-on-stalled-reader'),
  loop('waits for who does not read', 'blocks-on-stalled-reader'),
  {
    fault: 'ignores what a write did not take (C)',
    source: `${HERE}short_writes.c`,
    command: 'exec {binary} {port}',
    cause: 'loses-short-writes',
  },
  {
    fault: 'text in place of bytes (JavaScript)',
    command: `exec ${JSON.stringify(process.execPath)} ${HERE}text.mjs {port}`,
    cause: 'bodies-as-text',
  },
  threads('a table without a lock', 'unguarded-table'),
  loop('dies at a reset', 'dies-at-reset'),
  { fault: 'none, with an accept queue of 5', command: `exec python3 ${HERE}short_backlog.py ${EXAMPLE} {port}` },
]
