/** R5.2: how many clients there may be. */
import type { Case, CaseContext } from '../../case.ts'
import type { Client } from '../../client/client.ts'
import { expectTrue, Failed } from '@switchyard/conformance/portable'
import { connectAll, isAdmitted, probe } from '../steps.ts'

/** How often a place that is about to become free is asked for. */
const TRIES = 20

export const CONNECTIONS: readonly Case[] = [
  {
    id: 'R5.2-one-connection-too-many',
    clause: 'R5.2',
    name: 'n-1 and n clients are served; one more is closed without a byte, as often as it tries',
    needs: ['wire', 'limits'],
    limits: { connectionsMax: 4 },
    async run(context) {
      const clients = await connectAll(context, 'client ', context.limits.connectionsMax)
      for (let i = 0; i < 3; i++) {
        expectTrue(
          !(await isAdmitted(context, `one too many ${i}`)),
          'a client more than connectionsMax got an id',
          'let-in',
        )
        for (const from of clients) for (const to of clients) await probe(from, to)
      }
    },
  },
  {
    id: 'R5.2-place-free-again',
    clause: 'R5.2',
    name: 'the place of a client that has left is free again',
    needs: ['wire', 'limits'],
    limits: { connectionsMax: 3 },
    async run(context) {
      const [staying, ...others] = await connectAll(context, 'client ', context.limits.connectionsMax)
      for (const leave of [(client: Client) => client.end(), (client: Client) => client.reset()]) {
        const leaver = others.pop()
        if (!staying || !leaver) continue
        leave(leaver)
        await leaver.closed()
        await probe(staying, await admittedInTheEnd(context))
        expectTrue(!(await isAdmitted(context, 'one too many')), 'one client left, and two were let in', 'let-in')
      }
    },
  },
]

/** A client that finds a place, now or as soon as the server has noticed that one is free. */
async function admittedInTheEnd(context: CaseContext): Promise<Client> {
  for (let i = 1; i <= TRIES; i++) {
    const client = await context.connectSilently(`newcomer ${i}`)
    if (await client.admitted()) return client
    await context.settled()
  }
  throw new Failed(`a client has left, and ${TRIES} tries later nobody has been let in`, 'no-place')
}
