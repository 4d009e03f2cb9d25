import type { Frame } from './frame.ts'

/** The lines that are lit: those of this event, or where none ran in it, those of the latest event in which some did. */
export interface Lit {
  readonly lines: readonly number[]
  /** They ran in this event. */
  readonly now: boolean
}

export function litAt(frames: readonly Frame[], index: number): Lit {
  for (let at = index; at >= 0; at--) {
    const lines = frames[at]?.lines ?? []
    if (lines.length > 0) return { lines, now: at === index }
  }
  return { lines: [], now: false }
}

/** `client 1 waits for …` and `client 2 waits for …` as one line: `clients 1 and 2 wait for …`. */
export function grouped(chains: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>()
  for (const chain of chains) {
    const [, client, rest = chain] = /^client (\d+) waits (.*)$/s.exec(chain) ?? []
    const group = groups.get(rest)
    if (group && client !== undefined) group.push(client)
    else groups.set(rest, client === undefined ? [] : [client])
  }
  return [...groups].map(([rest, clients]) => {
    const [first] = clients
    if (first === undefined) return rest
    return clients.length === 1 ? `client ${first} waits ${rest}` : `clients ${listed(clients)} wait ${rest}`
  })
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
