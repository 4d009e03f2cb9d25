import type { Script } from './player.ts'
import { decodeScenario, encodeScenario, LinkError } from './scenario.ts'

/** What a stage shows, and at which moment. */
export interface Shown {
  readonly script: Script
  readonly at: number
  /** How many events of this moment, if not all. */
  readonly events?: number | undefined
}

/**
 * `#stage=stage1;mutex;…@3200`: a URL's fragment. `id` names the stage on its page. `@3200.2` shows two of the events of that
 * moment. Events happen in whole milliseconds.
 */
export function encodeLink(id: string, { script, at, events }: Shown): string {
  const text = script.kind === 'line' ? script.line : encodeScenario(script.scenario)
  return `#${id}=${text}@${Math.floor(at)}${events === undefined ? '' : `.${events}`}`
}

/** Undefined for a fragment that is not about this stage. Throws LinkError for one that makes no sense. */
export function decodeLink(id: string, fragment: string): Shown | undefined {
  if (!fragment.startsWith(`#${id}=`)) return undefined
  const text = decoded(fragment.slice(id.length + 2))
  const [, what = text, moment = '0', events] = /^(.*?)(?:@(\d{1,9})(?:\.(\d{1,9}))?)?$/s.exec(text) ?? []
  // A line ends in its checksum, of letters and digits; `@` and a number behind it are the moment.
  const script: Script = what.startsWith('sim1:')
    ? { kind: 'line', line: what }
    : { kind: 'scenario', scenario: decodeScenario(what) }
  return { script, at: Number(moment), events: events === undefined ? undefined : Number(events) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new LinkError(`this link is damaged: ${error instanceof Error ? error.message : String(error)}`)
  }
}
