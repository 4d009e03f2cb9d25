/** X8: what every protocol's connections have in common. */
import { lifeOf } from '@switchyard/conformance/portable'
import type { Case, Clause } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { login } from './messages.ts'
import { traded, trader } from './steps.ts'

const ACCOUNTS = ['ANN', 'BOB', 'CARL'] as const

export const LIFE: { readonly clauses: readonly Clause[]; readonly cases: readonly Case<Client>[] } = lifeOf<Client>(
  'X8',
  {
    arrive: (context, name, place) => trader(context, ACCOUNTS[place] ?? 'ANN', name),
    served: (client) => traded(client, `${client.name}-${client.bytesSent}`.slice(-14)),
    opening: login('ANN', 'pwANN'),
    farewell: () => Promise.resolve(), // Nothing but its FIN.
  },
)
