import { DEFAULT_LIMITS } from '@switchyard/core'
import { settlesWithin } from '@switchyard/harness/portable'
import type { CaseResult, Target } from '@switchyard/conformance/portable'
import { Client } from './client/client.ts'
import { swapped } from './client/message.ts'

/** How long a message to oneself may take, ms. */
const ECHO_MS = 700
/** So many of them: a lock may be free now and then. */
const ECHOES = 3
/** Ids that are at least as large, but small when their bytes are swapped, were written by a little-endian machine. */
const SUSPICIOUS_ID = 2 ** 24
const SMALL_ID = 2 ** 16
/** The fewest ids that say anything. */
const IDS_MIN = 4

/** What the cases can not tell of a server that fails the simplest of them: is it the order of bytes, or another client's silence? */
export async function examine(target: Target, results: readonly CaseResult[]): Promise<readonly string[]> {
  const findings = lookLittleEndian(results) ? ['ids-look-little-endian'] : []
  if (!results.some(({ clause, verdict }) => clause === 'R1.1' && verdict === 'failed')) return findings
  const alone = await experiment(target, async (connect) => {
    const client = await connect('the examiner')
    return (await isAdmitted(client)) && !(await reachesItself(client)) ? 'nothing-arrives' : undefined
  })
  const why = await experiment(target, alone === undefined ? besideSilence : withSwappedId)
  return [...findings, alone ?? [], why ?? []].flat()
}

type Connect = (name: string) => Promise<Client>

/** Does a client that says nothing keep another one from being let in, or from sending to itself? */
async function besideSilence(connect: Connect): Promise<string | undefined> {
  const silent = await connect('the silent one')
  if (!(await isAdmitted(silent))) return undefined
  const talker = await connect('the talker')
  const letIn = talker.admitted()
  if (!(await settlesWithin(ECHO_MS, letIn))) {
    // Once the silent one has said something, a server gets on that waits for it to speak; one that waits for it to leave does not.
    await silent.sendMessage(silent.id, 'no longer')
    return (await settlesWithin(ECHO_MS, letIn)) ? 'silent-client-blocks' : 'second-client-not-let-in'
  }
  for (let i = 0; i < ECHOES; i++) if (!(await reachesItself(talker))) return 'silent-client-blocks'
  return undefined
}

/** Does a message arrive whose id has its bytes in the other order? It does if a server writes ids in one order and reads them in the other. */
async function withSwappedId(connect: Connect): Promise<string | undefined> {
  const client = await connect('the examiner')
  return (await isAdmitted(client)) && (await reachesItself(client, swapped)) ? 'swapped-id-reaches' : undefined
}

function isAdmitted(client: Client): Promise<boolean> {
  return settlesWithin(ECHO_MS, client.admitted())
}

/** Whether anything comes back of a message to oneself. */
async function reachesItself(client: Client, idOf = (id: number): number => id): Promise<boolean> {
  const before = client.bytesReceived
  await client.sendMessage(idOf(client.id), 'an echo')
  const came = await settlesWithin(ECHO_MS, client.next())
  return client.ending === undefined && (came || client.bytesReceived > before)
}

/** On a server of its own, which no case finds afterwards. Never rejects. */
async function experiment(
  target: Target,
  run: (connect: Connect) => Promise<string | undefined>,
): Promise<string | undefined> {
  const clients: Client[] = []
  try {
    const site = await target.open(DEFAULT_LIMITS)
    try {
      return await run(async (name) => {
        const client = new Client(name, await site.connect())
        clients.push(client)
        return client
      })
    } finally {
      for (const client of clients) client.destroy()
      await site.release(true)
    }
  } catch {
    return undefined // Whatever keeps the examiner from its answer, the cases have told of it.
  }
}

/** Whether the ids of a run look as if a little-endian machine had copied them from its memory: no proof, as ids are opaque (R2.2). */
export function lookLittleEndian(results: readonly CaseResult[]): boolean {
  const ids = results.flatMap(({ wire }) => wire.flatMap((event) => (event.kind === 'id' ? [event.id] : [])))
  return ids.length >= IDS_MIN && ids.every((id) => id >= SUSPICIOUS_ID && swapped(id) < SMALL_ID)
}
