import { settlesWithin } from '@switchyard/harness'
import type { Abuse } from './abuse.ts'
import { Bystanders } from './bystanders.ts'
import { ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

/** Enough to start with: Node opens a module's imports all at once. */
const DESCRIPTORS_MAX = 256
const CROWD = 500
/** Whoever gets neither an id nor an end by then is left waiting, ms. */
const ANSWER_MS = 5_000

/**
 * Node takes a descriptor for each connection, and some for itself. When they run out, libuv takes connections from the
 * queue with one that it keeps in reserve, and closes them.
 */
export const DESCRIPTORS: Abuse = {
  name: 'descriptors',
  what: `${CROWD} clients come to a server that may open ${DESCRIPTORS_MAX} files; it goes on, and recovers`,
  async run(victims) {
    await using victim = await victims.operated({}, { descriptorsMax: DESCRIPTORS_MAX })
    using pool = new ConnectionPool(victim.port)
    using crowd = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const problems: string[] = []
    let letIn = 0
    let turnedAway = 0
    await crowd.many(CROWD, async () => {
      const socket = await crowd.socket()
      const answer = new Promise<void>((resolve) => {
        socket.once('readable', () => {
          if (socket.read() !== null) letIn++
          resolve()
        })
        socket.once('close', resolve)
        socket.once('end', () => {
          turnedAway++
          resolve()
        })
        socket.read(0)
      })
      await settlesWithin(ANSWER_MS, answer)
    })
    await bystanders.goOn()
    crowd.leave()
    const recovered = await eventually(async () => {
      try {
        const client = await crowd.client('latecomer')
        client.destroy()
        return true
      } catch {
        return false // Not yet.
      }
    })
    if (!recovered) problems.push('when all had left, nobody was let in')
    if (letIn + turnedAway < CROWD) problems.push(`${CROWD - letIn - turnedAway} clients got neither an id nor an end`)
    if (turnedAway === 0) problems.push('nobody was turned away: the descriptors did not run out')
    problems.push(...(await bystanders.leave()))
    const { listenerErrors } = await victim.statistics()
    return {
      problems,
      figures: { clients: CROWD, letIn, turnedAway, listenerErrors, bystanderMessages: bystanders.rounds },
    }
  },
}
