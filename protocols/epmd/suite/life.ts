/** D5: what every protocol's connections have in common. How this one's server ends is D4.2. */
import { expectSame, lifeOf } from '@switchyard/conformance/portable'
import type { Case, CaseContext, Clause } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { alive2 } from './message.ts'
import type { Described } from './message.ts'

export const LIFE: { readonly clauses: readonly Clause[]; readonly cases: readonly Case<Client>[] } = lifeOf<Client>(
  'D5',
  {
    arrive: (context, name) => register(context, `d5-${name}`),
    // A connection carries one request: that it stands is all that can be seen of it.
    served: async (client) => expectSame(`how ${client.name}'s connection ended`, undefined, client.ending),
    opening: alive2('d5-never'),
  },
)

/** A connection that has registered the name. */
export async function register(
  context: CaseContext<Client>,
  name: string,
  node: Partial<Described> = {},
): Promise<Client> {
  const client = await context.connect(name)
  await client.send(alive2(name, node))
  await client.registered()
  return client
}
