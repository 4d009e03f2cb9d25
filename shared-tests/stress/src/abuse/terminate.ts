import { limitsOf, liveClock } from '@switchyard/core'
import type { Client } from '@switchyard/protocols/router/suite'
import { settlesWithin, wait } from '@switchyard/harness'
import { Arrivals, message, Numbered } from '@switchyard/protocols/router/suite'
import type { Abuse } from './abuse.ts'
import { ConnectionPool } from './connection-pool.ts'

const PAIRS = 8
const BODY_BYTES = 1_000
/** They send FIN to nobody, whatever the server does: it has to end all the same. */
const UNWILLING = 20
/** Long: a quarter of it later a write that is not accepted at once ends its client, and this process may be slow to read. */
const GRACE_MS = 40_000
/** For the process to end when the server has, ms. */
const SLACK_MS = 3_000

/** One sender, and the receiver who gets all that it sends. */
interface Pair {
  readonly sender: Client
  readonly messages: Numbered
  readonly arrivals: Arrivals
  readonly receiver: Client
}

export const TERMINATE: Abuse = {
  name: 'sigterm',
  what: `SIGTERM while ${PAIRS} pairs send at full speed and ${UNWILLING} clients neither read nor close`,
  async run(victims, scale) {
    const limits = limitsOf({ graceMs: GRACE_MS, lingerMs: 500, writeDeadlineMs: 60_000 })
    await using victim = await victims.operated(limits)
    using pool = new ConnectionPool(victim.port)
    await pool.many(UNWILLING, () => pool.socket())
    const pairs = await pool.many(PAIRS, (place) => pairOf(pool, place))
    const problems: string[] = []
    const receiving = pairs.map(({ arrivals, receiver, sender }) =>
      Promise.all([arrivals.receiveToEnd().then(() => receiver.end()), sender.closed().then(() => sender.end())]).catch(
        (error: unknown) => problems.push(error instanceof Error ? error.message : String(error)),
      ),
    )
    for (const { sender, receiver, messages } of pairs) {
      void sender.flood(messages.messages(receiver, Number.POSITIVE_INFINITY))
    }
    await wait(scale === 'full' ? 1_500 : 200)
    const startedAt = liveClock.now()
    process.kill(victim.pid, 'SIGTERM')
    if (!(await settlesWithin(GRACE_MS + SLACK_MS, victim.ended))) {
      return { problems: [`it did not end within ${GRACE_MS + SLACK_MS} ms`], figures: {} }
    }
    const endedAfterMs = Math.round(liveClock.now() - startedAt)
    const exitCode = await victim.ended
    if (exitCode !== 0) problems.push(`it ended with exit code ${exitCode}`)
    await Promise.all(receiving)
    let messagesRead = 0
    for (const { sender, messages, arrivals } of pairs) {
      const close = victim.closes().find(({ client }) => client === sender.id)
      const whole = Math.floor((close?.bytesIn ?? 0) / message(sender.id, messages.body(1_000)).length)
      messagesRead += whole
      if (!close) problems.push(`the log does not say how ${sender.name} ended`)
      else if (arrivals.count < whole)
        problems.push(`${sender.name}: ${whole} messages were read, ${arrivals.count} arrived`)
    }
    const messagesArrived = pairs.reduce((sum, { arrivals }) => sum + arrivals.count, 0)
    return { problems, figures: { messagesRead, messagesArrived, lost: messagesRead - messagesArrived, endedAfterMs } }
  },
}

async function pairOf(pool: ConnectionPool, place: number): Promise<Pair> {
  const sender = await pool.client(`sender ${place}`)
  const receiver = await pool.client(`receiver ${place}`)
  const messages = new Numbered(sender.name, () => BODY_BYTES)
  return { sender, receiver, messages, arrivals: new Arrivals(receiver, [messages]) }
}
