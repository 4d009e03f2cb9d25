import { command, verify } from '@switchyard/conformance'
import type { Report, Suite } from '@switchyard/conformance'
import { ROUTER } from '@switchyard/protocols/router/suite'

/** What every scene takes for granted. */
const SIMPLEST: readonly string[] = [
  'a message reaches the client that it names, and no other',
  'one segment of messages for different clients is told apart',
]

/** Judges whether the server that this command starts routes at all: measuring one that does not would take minutes and say nothing. */
export async function routes(suite: Suite, line: string, signal: AbortSignal): Promise<Report> {
  await using target = command(line)
  const cases = suite.name === ROUTER.name ? suite.cases.filter(({ name }) => SIMPLEST.includes(name)) : suite.cases
  return await verify(suite, target, { cases, signal })
}
