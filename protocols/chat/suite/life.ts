/** C7: what every protocol's connections have in common. */
import { lifeOf } from '@switchyard/conformance/portable'
import type { Case, Clause } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { member } from './steps.ts'

/** Each alone in a room of its own, so that it hears nobody else. */
export const LIFE: { readonly clauses: readonly Clause[]; readonly cases: readonly Case<Client>[] } = lifeOf<Client>(
  'C7',
  {
    arrive: (context, name) => member(context, name, name),
    async served(client) {
      await client.say('still here')
      await client.expectLines(`${client.name}: still here`)
    },
    opening: Buffer.from('hello, all\n'),
    flood: { options: { floodLinesPerSecond: 0 }, message: Buffer.from(`${'x'.repeat(399)}\n`) },
    farewell: (client) => client.expectLines('Server is shutting down, bye!'),
  },
)
