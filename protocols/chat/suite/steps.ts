import { clauseIn } from '@switchyard/conformance/portable'
import type { Case as AnyCase, CaseContext } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'

export type Case = AnyCase<Client>
export type Context = CaseContext<Client>

/** A case that any server can be asked, whatever its limits are. */
export function wired(id: string, name: string, run: (context: Context) => Promise<void>): Case {
  return { id, clause: clauseIn(id), name, needs: ['wire'], basic: true, run }
}

/** A member of that name in that room, which has read all up to its joining. */
export async function member(context: Context, name: string, room: string): Promise<Client> {
  const client = await context.connect(name)
  await client.say(`/name ${name}`, `/join ${room}`)
  await client.readUntil(`You joined ${room}`)
  return client
}

/** Members of these names in one room, each of which has read that all the others have joined. */
export async function familiar<const Names extends readonly string[]>(
  context: Context,
  room: string,
  ...names: Names
): Promise<{ -readonly [Index in keyof Names]: Client }>
export async function familiar(context: Context, room: string, ...names: readonly string[]): Promise<Client[]> {
  const members: Client[] = []
  for (const name of names) members.push(await member(context, name, room))
  const last = names.at(-1)
  for (const each of members.slice(0, -1)) await each.readUntil(`${last} joined`)
  return members
}
