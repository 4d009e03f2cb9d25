/** Steps that cases of several sections take. */
import type { CaseContext } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { cancel, enter } from './messages.ts'

/** A client that has logged in, from the next message on. */
export async function trader(
  context: CaseContext<Client>,
  account: string,
  name: string = account.toLowerCase(),
): Promise<Client> {
  const client = await context.connect(name)
  await client.logIn(account)
  return client
}

/** Enters an order and cancels it: whoever hears of it was served. */
export async function traded(client: Client, token: string): Promise<void> {
  await client.command(enter(token, { price: 5_000 }), cancel(token))
  await client.expectHeard(`A ${token} B 100@5000`, `C ${token} 100 U`)
}
