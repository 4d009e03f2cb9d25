/** Section 2: whom an id names. */
import type { Case } from '../case.ts'
import type { Client } from '../client/client.ts'
import { expectSame, expectTrue } from '@switchyard/conformance/portable'
import { connectAll, isAdmitted, probe } from './steps.ts'

const OPEN_CLIENTS = 150

export const IDS: readonly Case[] = [
  {
    id: 'R2.1-different-ids',
    clause: 'R2.1',
    name: 'clients that are connected at one time have different ids',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const clients = await connectAll(context, 'client ', OPEN_CLIENTS)
      expectSame('different ids', OPEN_CLIENTS, new Set(clients.map((client) => client.id)).size, 'not-unique')
      const [first] = clients
      for (const client of clients) if (first) await probe(first, client)
    },
  },
  {
    id: 'R2.1-different-ids-at-one-moment',
    clause: 'R2.1',
    name: 'clients that connect at the same moment have different ids',
    needs: ['wire'],
    basic: true,
    async run(context) {
      const all = Array.from({ length: 40 }, (_, i) => context.connect(`client ${i}`))
      const clients = await Promise.all(all)
      expectSame('different ids', clients.length, new Set(clients.map((client) => client.id)).size, 'not-unique')
    },
  },
  {
    id: 'R2.1-not-given-again',
    clause: 'R2.1',
    name: 'an id is not given again after its client has left',
    needs: ['wire'],
    async run(context) {
      const given = new Set<number>()
      for (let i = 0; i < 80; i++) {
        const client = await context.connect(`client ${i}`)
        expectTrue(
          !given.has(client.id),
          `${client.name} got id ${client.id}, which a client that has left had`,
          'given-again',
        )
        given.add(client.id)
        if (i % 2 === 0) {
          client.end()
          await client.closed()
        } else {
          client.reset()
        }
      }
    },
  },
  {
    id: 'R2.1-late-message-to-nobody',
    clause: 'R2.1',
    name: 'a late message to a client that has left reaches no newcomer',
    needs: ['wire'],
    async run(context) {
      const sender = await context.connect('sender')
      const departed = await connectAll(context, 'departed ', 5)
      for (const client of departed) {
        client.end()
        await client.closed()
      }
      const newcomers = await connectAll(context, 'newcomer ', 10)
      for (const client of departed) await sender.sendMessage(client.id, 'too late')
      for (const newcomer of newcomers) await probe(sender, newcomer)
    },
  },
  {
    id: 'R2.1-ids-run-out',
    clause: 'R2.1',
    name: 'when the ids have run out, connections are refused, even though clients have left',
    needs: ['wire', 'limits'],
    limits: { idsMax: 6 },
    async run(context) {
      const admitted: Client[] = []
      let refused = 0
      for (let i = 1; i <= 12; i++) {
        const client = await context.connectSilently(`client ${i}`)
        if (await client.admitted()) {
          expectSame(`refusals before ${client.name} was let in`, 0, refused)
          admitted.push(client)
        } else {
          refused++
        }
        if (i % 3 === 0 && client.ending === undefined) {
          client.end()
          await client.closed()
        }
      }
      const most = context.limits.idsMax
      expectTrue(
        admitted.length > 0 && admitted.length <= most,
        `${admitted.length} of 12 clients were let in, not ${most}`,
        'let-in',
      )
      expectSame('different ids', admitted.length, new Set(admitted.map((client) => client.id)).size, 'not-unique')
      expectTrue(
        !(await isAdmitted(context, 'the last one')),
        'an id was given once more after one had been refused',
        'let-in',
      )
      const staying = admitted.filter((client) => client.ending === undefined)
      for (const client of staying) await probe(client, client)
    },
  },
]
