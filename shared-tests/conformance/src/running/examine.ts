import { DEFAULT_LIMITS } from '@switchyard/core'
import { Client } from '../client/client.ts'
import { swapped } from '../client/message.ts'
import type { Target } from '../targets/target.ts'
import { settlesWithin } from '../targets/waiting.ts'

/** What a look beyond the cases has shown. */
export type Finding = 'swapped-id-reaches'

/** How long a message to oneself may take, ms. */
const ECHO_MS = 1_000

/**
 * An experiment for a server that routes nothing: does a message arrive whose id has its bytes in the other order? It does
 * if one side of the server writes ids big-endian and the other reads them little-endian. Never rejects.
 */
export async function examine(target: Target): Promise<readonly Finding[]> {
  try {
    const site = await target.open(DEFAULT_LIMITS)
    const client = new Client('the examiner', await site.connect())
    try {
      const admitted = await settlesWithin(ECHO_MS, client.admitted())
      return admitted && (await reachesItselfSwapped(client)) ? ['swapped-id-reaches'] : []
    } finally {
      client.destroy()
      await site.release(true)
    }
  } catch {
    return [] // Whatever keeps the examiner from its answer, the cases have told of it.
  }
}

async function reachesItselfSwapped(client: Client): Promise<boolean> {
  await client.sendMessage(swapped(client.id), 'swapped')
  return settlesWithin(ECHO_MS, client.bytes(1)).then((came) => came && client.ending === undefined)
}
