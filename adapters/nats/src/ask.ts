import { liveClock } from '@switchyard/core'
import { connectTo } from './broker.ts'
import type { BrokerOptions } from './broker.ts'

/** How long nodes are waited for, ms. */
const ANSWERS_MS = 600

/** Asks all nodes of a cluster what they have to tell; whoever does not answer in time is not there. Rejects with JoinError. */
export async function askNodes(options: BrokerOptions & { readonly cluster: string }): Promise<readonly unknown[]> {
  const connection = await connectTo(options, `switchyard ${options.cluster}, a question`)
  const answers: unknown[] = []
  const inbox = `sw.${options.cluster}.told.${connection.info?.client_id ?? 0}`
  connection.subscribe(inbox, {
    callback: (error, message) => {
      if (!error) answers.push(message.json())
    },
  })
  connection.publish(`sw.${options.cluster}.who`, new Uint8Array(), { reply: inbox })
  await new Promise<void>((resolve) => void liveClock.after(ANSWERS_MS, resolve))
  await connection.close()
  return answers
}
