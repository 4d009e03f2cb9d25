import { settlesWithin, wait } from '@switchyard/harness'
import { Arrivals, Numbered } from '@switchyard/protocols/router/suite'
import type { Abuse, Measured } from './abuse.ts'
import { ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

const BODY_BYTES = 60_000
/** More than the kernels of a sender, a server and a receiver take. */
const COUNT = 350
const WRITE_DEADLINE_MS = 1_000
const PAUSE_MS = { full: 4_000, short: 1_500 } as const

/**
 * SIGSTOP halts the loop as a long computation would, and needs no help of the server's. The reader was slow before, so
 * a write is outstanding; it reads all there is during the pause. Its deadline falls due while the server sleeps.
 */
export const PAUSE: Abuse = {
  name: 'pause',
  what: 'the loop is halted for longer than the write deadline: whoever read meanwhile is not to blame; whoever did not, is',
  async run(victims, scale) {
    await using victim = await victims.measured({ writeDeadlineMs: WRITE_DEADLINE_MS })
    using pool = new ConnectionPool(victim.port)
    const [sender, reader] = [await pool.client('sender'), await pool.client('reader')]
    const messages = new Numbered('sender', () => BODY_BYTES)
    const arrivals = new Arrivals(reader, [messages])
    reader.pause()
    void sender.flood(messages.messages(reader, COUNT))
    const problems: string[] = []
    if (!(await eventually(() => waits(victim), WRITE_DEADLINE_MS)))
      problems.push('the reader never made the server wait')
    const goOn = (): void => void process.kill(victim.pid, 'SIGCONT')
    process.once('exit', goOn) // A process that is halted would not notice that this one has gone.
    process.kill(victim.pid, 'SIGSTOP')
    let received = Promise.resolve()
    try {
      reader.resume()
      received = arrivals.receiveToEnd(COUNT)
      await wait(PAUSE_MS[scale])
    } finally {
      process.off('exit', goOn)
      goOn()
    }
    const through = await settlesWithin(15_000, received)
    if (!through || arrivals.count < COUNT) {
      const how =
        reader.ending === undefined ? 'and then no more' : 'and the reader, who read all it could, was thrown out'
      problems.push(`${arrivals.count} of ${COUNT} messages arrived, ${how}`)
    }
    const { closes } = await victim.statistics()
    const idle = await pool.client('stalled')
    idle.pause()
    void sender.flood(messages.messages(idle, COUNT))
    const blamed = await eventually(
      async () => (await victim.statistics()).closes['write-deadline'] > closes['write-deadline'],
    )
    if (!blamed) problems.push('a client that reads nothing was not aborted any more')
    return {
      problems,
      figures: { pauseMs: PAUSE_MS[scale], writeDeadlineMs: WRITE_DEADLINE_MS, messagesArrived: arrivals.count },
    }
  },
}

/** Something is outstanding: what is held for sending does not change any more between two looks. */
async function waits(victim: Measured): Promise<boolean> {
  const before = await victim.statistics()
  await wait(30)
  const after = await victim.statistics()
  const held = after.held.queues + after.held.mailboxes + after.held.sockets
  return held > 0 && before.bytesOut === after.bytesOut
}
