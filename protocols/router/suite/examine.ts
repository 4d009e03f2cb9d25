import { DEFAULT_LIMITS } from '@switchyard/core'
import { settlesWithin } from '@switchyard/harness/portable'
import type { CaseResult, Target } from '@switchyard/conformance/portable'
import { Client } from './client/client.ts'
import { swapped } from './client/message.ts'

/** How long a message to oneself may take, ms. */
const ECHO_MS = 1_000
/** Ids that are at least as large, but small when their bytes are swapped, were written by a little-endian machine. */
const SUSPICIOUS_ID = 2 ** 24
const SMALL_ID = 2 ** 16
/** Of fewer ids nothing can be said. */
const IDS_MIN = 4

/** Which of the two does a server do: give ids that look little-endian; and, if it routes nothing, read ids in the other order? */
export async function examine(target: Target, results: readonly CaseResult[]): Promise<readonly string[]> {
  const findings = lookLittleEndian(results) ? ['ids-look-little-endian'] : []
  const routesNothing = results.some(({ clause, verdict }) => clause === 'R1.1' && verdict === 'failed')
  return routesNothing && (await reachesItselfSwapped(target)) ? [...findings, 'swapped-id-reaches'] : findings
}

/** Whether the ids of a run look as if a little-endian machine had copied them from its memory: no proof, as ids are opaque (R2.2). */
export function lookLittleEndian(results: readonly CaseResult[]): boolean {
  const ids = results.flatMap(({ wire }) => wire.flatMap((event) => (event.kind === 'id' ? [event.id] : [])))
  return ids.length >= IDS_MIN && ids.every((id) => id >= SUSPICIOUS_ID && swapped(id) < SMALL_ID)
}

/**
 * An experiment for a server that routes nothing: does a message arrive whose id has its bytes in the other order? It does
 * if one side of the server writes ids big-endian and the other reads them little-endian. Never rejects.
 */
async function reachesItselfSwapped(target: Target): Promise<boolean> {
  try {
    const site = await target.open(DEFAULT_LIMITS)
    const client = new Client('the examiner', await site.connect())
    try {
      if (!(await settlesWithin(ECHO_MS, client.admitted()))) return false
      await client.sendMessage(swapped(client.id), 'swapped')
      const came = await settlesWithin(ECHO_MS, client.bytes(1))
      return came && client.ending === undefined
    } finally {
      client.destroy()
      await site.release(true)
    }
  } catch {
    return false // Whatever keeps the examiner from its answer, the cases have told of it.
  }
}
