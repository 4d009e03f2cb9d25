import type { Socket } from 'node:net'
import { liveClock, Random } from '@switchyard/core'
import { HEAP_NOISE_BYTES } from './abuse.ts'
import type { Abuse, Measured } from './abuse.ts'
import { Bystanders } from './bystanders.ts'
import { ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

const MIB = 1024 * 1024
const CONNECTIONS = 64
const PIECE_BYTES = 64 * 1024
export const GARBAGE_BYTES = { full: 1_000_000_000, short: 25_000_000 } as const
const POOL_BYTES = 4 * MIB
/** Where in the pool each connection begins, behind the one before it. */
const STRIDE_BYTES = 102_947
/** For the first gigabyte, or the second, ms. */
const PATIENCE_MS = 300_000
const BYSTANDERS = 2

/** Random bytes, and stretches without a NUL that are too long for a message. */
export const GARBAGE: Abuse = {
  name: 'garbage',
  what: `${CONNECTIONS} connections send 1 GB of garbage, and then another: what is held between the two is flat`,
  async run(victims, scale) {
    await using victim = await victims.measured({ messageBytesMax: 128 * 1024, queuedBytesMax: MIB })
    using pool = new ConnectionPool(victim.port)
    using rude = new ConnectionPool(victim.port)
    const bystanders = await Bystanders.meet(pool)
    const rubbish = garbage(new Random(1))
    const gigabyte = GARBAGE_BYTES[scale]
    await pour(victim, rude, rubbish, gigabyte / 5, BYSTANDERS) // What a process had not yet used before is no leak.
    const first = await pour(victim, rude, rubbish, gigabyte, BYSTANDERS)
    const second = await pour(victim, rude, rubbish, gigabyte, BYSTANDERS)
    const { closes, drops, bytesIn } = await victim.statistics()
    const grownBytes = second.heldBytes - first.heldBytes
    const problems = [...(await bystanders.leave())]
    if (grownBytes > HEAP_NOISE_BYTES)
      problems.push(`${grownBytes} bytes more are held after the second ${gigabyte} than after the first`)
    if (!first.left || !second.left) problems.push('connections that have left are still counted')
    return {
      problems,
      figures: {
        bytes: bytesIn,
        heldAfterFirstBytes: first.heldBytes,
        heldAfterSecondBytes: second.heldBytes,
        grownBytes,
        messagesToNobody: drops['not-connected'].sends,
        tooLong: closes['message-too-long'],
        bystanderMessages: bystanders.rounds,
      },
    }
  },
}

/**
 * Sends over many connections until the server has read so much more; then they leave, and `others` stay. `connect`: nearly each
 * connection is closed soon, and what is sent to the server counts, since it reads and discards most of that.
 */
export async function pour(
  victim: Measured,
  rude: ConnectionPool,
  rubbish: Buffer,
  bytes: number,
  others: number,
  connect?: () => Promise<Socket>,
): Promise<{ readonly heldBytes: number; readonly left: boolean }> {
  const { bytesIn } = await victim.statistics()
  const enough = new AbortController()
  let sentBytes = 0
  const sending = rude.many(CONNECTIONS, async (place) => {
    const join = connect ?? (() => rude.socket())
    let at = (place * STRIDE_BYTES) % (rubbish.length - PIECE_BYTES)
    let socket = await join()
    while (!enough.signal.aborted) {
      if (socket.destroyed) socket = await join()
      await accepted(socket, rubbish.subarray(at, at + PIECE_BYTES))
      sentBytes += PIECE_BYTES
      at = (at + PIECE_BYTES + place) % (rubbish.length - PIECE_BYTES)
    }
  })
  const isEnough = async (): Promise<boolean> =>
    (connect ? sentBytes : (await victim.statistics()).bytesIn - bytesIn) >= bytes
  await eventually(isEnough, PATIENCE_MS)
  enough.abort()
  await sending
  rude.leave()
  const left = await eventually(async () => (await victim.statistics()).connections.open === others)
  return { heldBytes: await victim.heldBytes(), left }
}

/** Settles, in a later turn, when the operating system has taken it or the server has ended the connection. */
function accepted(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => void socket.write(bytes, () => liveClock.turn(resolve)))
}

/** One sixteenth of it has no NUL. */
export function garbage(random: Random): Buffer {
  const pool = Buffer.alloc(POOL_BYTES)
  for (let at = 0; at < pool.length; at += 4) pool.writeUInt32BE(random.integer(0, 2 ** 32 - 1), at)
  for (let at = 0; at < pool.length / 16; at++) pool[at] ||= 1
  return pool
}
