/** Many who do little. */
import { connect as connectTls } from 'node:tls'
import { bytesOf } from '@switchyard/conformance'
import { HEAP_NOISE_BYTES } from './abuse.ts'
import type { Abuse, Measured } from './abuse.ts'
import { Bystanders } from './bystanders.ts'
import { AT_ONCE, ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

const KIB = 1024
const COUNT = { full: 5_000, short: 300 } as const
const PART_BYTES = 2 * KIB
const BYSTANDERS = 2

export const UNFINISHED: Abuse = {
  name: 'unfinished-messages',
  what: 'thousands begin a message and never finish it; four times as much as the server may hold (R5.6)',
  async run(victims, scale) {
    const count = COUNT[scale]
    const heldBytesMax = (count * PART_BYTES) / 4
    await using victim = await victims.measured({ heldBytesMax, messageBytesMax: 64 * KIB, queuedBytesMax: 64 * KIB })
    using pool = new ConnectionPool(victim.port)
    using crowd = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const part = Buffer.alloc(PART_BYTES, 'x')
    let mostHeldBytes = 0
    await crowd.many(count, async (place) => {
      const socket = await crowd.socket()
      socket.write(part)
      if (place % 50 === 0) mostHeldBytes = Math.max(mostHeldBytes, (await victim.statistics()).held.total)
    })
    // At its bound it ends one after the other; at rest, what is left is less than may be held.
    const bounded = await eventually(async () => {
      const { closes, held } = await victim.statistics()
      mostHeldBytes = Math.max(mostHeldBytes, held.total)
      return closes['held-bytes'] > 0 && held.total < heldBytesMax
    })
    await bystanders.goOn()
    const { closes } = await victim.statistics()
    const problems = [...(await leftBehind(victim, crowd))]
    // Beyond the bound there may be one read of each connection that is being read (R5.6): here all that a client has sent.
    const bound = heldBytesMax + (AT_ONCE + BYSTANDERS) * PART_BYTES
    if (mostHeldBytes > bound) problems.push(`${mostHeldBytes} bytes were held, ${bound} are allowed`)
    if (!bounded) problems.push('more was sent than may be held, and nobody was aborted for it')
    problems.push(...(await bystanders.leave()))
    return {
      problems,
      figures: {
        connections: count,
        heldBytesMax,
        mostHeldBytes,
        aborted: closes['held-bytes'],
        bystanderMessages: bystanders.rounds,
      },
    }
  },
}

export const SILENCE: Abuse = {
  name: 'silence',
  what: 'thousands connect and say nothing; when they leave, what they cost is given back',
  async run(victims, scale) {
    await using victim = await victims.measured({})
    using pool = new ConnectionPool(victim.port)
    using crowd = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const connections = COUNT[scale]
    await crowd.many(connections, () => crowd.socket()) // What a process had not yet used before is no leak.
    const problems = [...(await leftBehind(victim, crowd))]
    const before = await victim.heldBytes()
    await crowd.many(connections, () => crowd.socket())
    const all = await eventually(async () => (await victim.statistics()).connections.open === connections + BYSTANDERS)
    const during = await victim.heldBytes()
    await bystanders.goOn()
    problems.push(...(await leftBehind(victim, crowd)))
    const after = await victim.heldBytes()
    if (!all) problems.push('not everybody was let in')
    if (after - before > HEAP_NOISE_BYTES) problems.push(`${after - before} bytes are still held when they have left`)
    problems.push(...(await bystanders.leave()))
    return {
      problems,
      figures: {
        connections,
        bytesPerConnection: Math.round((during - before) / connections),
        keptBytes: after - before,
        bystanderMessages: bystanders.rounds,
      },
    }
  },
}

export const HALF_OPEN: Abuse = {
  name: 'half-open',
  what: 'hundreds send FIN, some in the middle of a message, and then neither read nor close',
  async run(victims, scale) {
    await using victim = await victims.measured({})
    using pool = new ConnectionPool(victim.port)
    using crowd = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const connections = scale === 'full' ? 1_000 : 100
    const body = bytesOf('\0\0\0\u0001in the middle of')
    await crowd.many(connections, async (place) => {
      const socket = await crowd.socket()
      if (place % 2 === 0) socket.end()
      else socket.end(body)
    })
    const freed = await eventually(async () => {
      const { connections: counted, held } = await victim.statistics()
      return counted.open === BYSTANDERS && counted.accepted === connections + BYSTANDERS && held.input === 0
    })
    const { closes } = await victim.statistics()
    const problems = freed ? [] : ['connections whose FIN was read are still held']
    problems.push(...(await bystanders.leave()))
    return {
      problems,
      figures: { connections, closedByFin: closes['client-fin'], bystanderMessages: bystanders.rounds },
    }
  },
}

const HELLOS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '*1\r\n$4\r\nPING\r\n',
]

export const STRANGERS: Abuse = {
  name: 'strangers',
  what: 'clients of HTTP, HTTP/2, TLS, SSH and Redis knock at the wrong door',
  async run(victims, scale) {
    await using victim = await victims.measured({})
    using pool = new ConnectionPool(victim.port)
    using crowd = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const each = scale === 'full' ? 200 : 20
    for (const hello of HELLOS) {
      await crowd.many(each, async () => void (await crowd.socket()).write(hello, 'latin1'))
    }
    await crowd.many(each, async () => {
      const socket = await crowd.socket()
      connectTls({ socket, rejectUnauthorized: false }).on('error', () => {}) // Four bytes of id are no ServerHello.
    })
    const all = (HELLOS.length + 1) * each + BYSTANDERS
    const arrived = await eventually(async () => (await victim.statistics()).connections.accepted === all)
    await bystanders.goOn()
    const { drops } = await victim.statistics()
    const problems = [...(await leftBehind(victim, crowd))]
    if (!arrived) problems.push('not everybody was let in')
    problems.push(...(await bystanders.leave()))
    return {
      problems,
      figures: {
        connections: all - BYSTANDERS,
        messagesToNobody: drops['not-connected'].sends,
        bystanderMessages: bystanders.rounds,
      },
    }
  },
}

/** Lets a crowd leave, and looks at what the server still has of it. */
async function leftBehind(victim: Measured, crowd: ConnectionPool): Promise<readonly string[]> {
  crowd.leave()
  const free = await eventually(async () => {
    const { connections, held } = await victim.statistics()
    return connections.open === BYSTANDERS && held.input === 0
  })
  if (free) return []
  const { connections, held } = await victim.statistics()
  return [`when all have left, ${connections.open - BYSTANDERS} connections and ${held.input} bytes of input are held`]
}
