import { liveClock } from '@switchyard/core'
import type { Abuse, Operated } from './abuse.ts'
import { ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

const CLIENTS = 40
const KILLS = { full: 5, short: 1 } as const

export const KILL: Abuse = {
  name: 'sigkill',
  what: `SIGKILL, and a new server on the same port, while ${CLIENTS} clients come back as often as they are thrown out`,
  async run(victims, scale) {
    const problems: string[] = []
    let victim: Operated = await victims.operated({})
    const { port } = victim
    using pool = new ConnectionPool(port)
    let slowestMs = 0
    try {
      await pool.many(CLIENTS, (place) => talk(pool, place))
      for (let kill = 1; kill <= KILLS[scale]; kill++) {
        process.kill(victim.pid, 'SIGKILL')
        await victim.ended
        victim = await victims.operated({}, { port })
        const listensAt = liveClock.now()
        const back = await Promise.all(
          Array.from({ length: CLIENTS }, (_, place) => eventually(() => isBack(pool, place))),
        )
        const missing = back.filter((each) => !each).length
        if (missing > 0) problems.push(`after kill ${kill}, ${missing} clients did not get through again`)
        slowestMs = Math.max(slowestMs, liveClock.now() - listensAt)
      }
      return { problems, figures: { kills: KILLS[scale], clients: CLIENTS, allBackAfterMs: Math.round(slowestMs) } }
    } finally {
      await victim[Symbol.asyncDispose]()
    }
  },
}

/** A new connection, on which a message comes back. */
async function talk(pool: ConnectionPool, place: number): Promise<void> {
  const client = await pool.client(`client ${place}`)
  await client.sendMessage(client, `I am ${place}`)
  await client.expect(`I am ${place}`)
}

async function isBack(pool: ConnectionPool, place: number): Promise<boolean> {
  try {
    await talk(pool, place)
    return true
  } catch {
    return false // Not yet.
  }
}
