import { command, verify } from '@switchyard/conformance'
import { CASES, ROUTER } from '@switchyard/protocols/router/suite'
import type { Report } from '@switchyard/conformance'

/** What every scene takes for granted. */
const SIMPLEST: readonly string[] = [
  'a message reaches the client that it names, and no other',
  'one segment of messages for different clients is told apart',
]

/** Judges whether the server that this command starts routes at all: measuring one that does not would take minutes and say nothing. */
export async function routes(line: string, signal: AbortSignal): Promise<Report> {
  await using target = command(line)
  return await verify(ROUTER, target, { cases: CASES.filter(({ name }) => SIMPLEST.includes(name)), signal })
}
