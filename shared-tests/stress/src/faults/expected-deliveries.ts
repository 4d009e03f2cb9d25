import { ID_BYTES } from '@switchyard/protocols/router/suite'
import { delaysDown, ends } from './fault.ts'
import type { Flow, Plan, PlannedClient } from './plan.ts'

/** Who ended how, as far as their own ends of the connections know. */
export type Endings = readonly ('fin' | 'reset' | undefined)[]

/**
 * How many of a flow's messages must have arrived in the end. To whom the connection is over, nothing more is owed; from
 * whom, neither (R4.2), unless it was a FIN that came early: then what was whole before it (R4.1). A client can't tell
 * the two apart with certainty: libuv reports a reset after a short read as the end of the stream.
 */
export function owedOf(flow: Flow, plan: Plan, endings: Endings): number {
  const { clients, flows } = plan
  const sender = clients[flow.from]
  if (endings[flow.to] !== undefined) return 0
  const fin = sender?.faults.find((fault) => fault.kind === 'half-close')
  if (endings[flow.from] !== undefined && (!fin || mayMissDeadline(sender, plan))) return 0
  return fin ? wholeWithin(fin.afterBytes, flow, flows) : flow.count
}

/** Whether a client may be gone before the server shuts down. */
export function mayEnd(client: PlannedClient, plan: Plan): boolean {
  return client.faults.some(ends) || mayMissDeadline(client, plan)
}

/**
 * Whether what was sent to a client may be lost: to a reset, to the write deadline, or to a server that waits for no slow
 * close (R5.5). Else its connection ends in order, and it receives all that was handed over for it.
 */
export function mayBeCut(client: PlannedClient, plan: Plan): boolean {
  const cut = client.faults.some(({ kind }) => kind === 'reset' || kind === 'slow-close')
  return cut || mayMissDeadline(client, plan)
}

/** Whether its faults may make the server wait for longer than the write deadline allows (R5.3). */
function mayMissDeadline(client: PlannedClient | undefined, { limits, healMs }: Plan): boolean {
  const { writeDeadlineMs = Number.POSITIVE_INFINITY } = limits
  return writeDeadlineMs <= healMs && client !== undefined && client.faults.some(delaysDown)
}

/** The order in which a client sends: the first message of each of its flows, then the second of each. */
export function* interleaved(flows: readonly Flow[]): Generator<{ readonly flow: Flow; readonly number: number }> {
  const longest = Math.max(0, ...flows.map(({ count }) => count))
  for (let number = 0; number < longest; number++) {
    for (const flow of flows) if (number < flow.count) yield { flow, number }
  }
}

/** How many messages of one flow are whole in the first `bytes` of its sender's stream. */
function wholeWithin(bytes: number, flow: Flow, flows: readonly Flow[]): number {
  let rest = bytes
  let whole = 0
  for (const each of interleaved(flows.filter(({ from }) => from === flow.from))) {
    rest -= ID_BYTES + each.flow.messages.body(each.number).length + 1
    if (rest < 0) break
    if (each.flow === flow) whole++
  }
  return whole
}
