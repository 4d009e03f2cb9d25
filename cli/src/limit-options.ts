import { DEFAULT_LIMITS, LIMIT_NAMES, LIMIT_RANGES, limitsOf } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import { optionsOf } from '@switchyard/conformance'
import { variableOf } from '@switchyard/harness'
import type { Options, Suite } from '@switchyard/conformance'
import { allSuites, SUITES } from '@switchyard/protocols'
import type { Command } from 'commander'
import { Misuse } from './exit.ts'
import { wholeNumberOption } from './options.ts'

const MEANINGS: Readonly<Record<keyof Limits, string>> = {
  messageBytesMax: 'longest message, body and NUL (R5.1)',
  connectionsMax: 'connections at a time (R5.2)',
  idsMax: 'ids that are given before connections are refused (R2.1)',
  writeDeadlineMs: 'how long a client may accept nothing of what is queued for it (R5.3)',
  queuedBytesMax: 'what is held for one destination (R5.4)',
  lingerMs: "how long the server waits for a client's FIN after its own (R5.5)",
  graceMs: 'how long shutting down may take (R5.5)',
  heldBytesMax: 'what the whole server holds before it stops reading (R5.6)',
}

/** `messageBytesMax` as an option: `--message-bytes-max`. */
function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** One option for each limit; the environment counts where the option is not given. */
export function addLimitOptions(command: Command): Command {
  for (const name of LIMIT_NAMES) {
    const meaning = `${MEANINGS[name]}; default ${DEFAULT_LIMITS[name]}`
    const option = wholeNumberOption(`${flagOf(name)} <n>`, meaning, LIMIT_RANGES[name])
    command.addOption(option.env(variableOf(name)))
  }
  return command
}

/**
 * The suites whose options may be among what was typed behind a command: that of its protocol; or all, if there is a word that is no option
 * of the command's own, since a help lists all, and who mistakes one is told whose it is. Absent: all.
 */
export async function suitesFor(command: Command, typed?: readonly string[]): Promise<readonly Suite[]> {
  const own = new Set(command.options.flatMap(({ short, long }) => [short, long]))
  const isOwn = (word: string): boolean => !word.startsWith('-') || own.has(word.split('=')[0])
  if (!typed?.every(isOwn)) return allSuites()
  const at = typed.findLastIndex((word) => word.split('=')[0] === '--protocol')
  const name = at < 0 ? 'router' : (typed[at]?.split('=')[1] ?? typed[at + 1])
  const suite = await SUITES.get(name ?? '')?.()
  return suite ? [suite] : []
}

/** One option for each of the protocols' own limits; protocols that share a name share the option, and each checks its own range. */
export function addProtocolOptions(command: Command, suites: readonly Suite[]): Command {
  const byName = new Map<string, { meanings: string[]; min: number; max: number }>()
  for (const { name: protocol, options = [] } of suites) {
    for (const { name, meaning, default: usual, range } of options) {
      const { meanings, min, max } = byName.get(name) ?? { meanings: [], min: range[0], max: range[1] }
      meanings.push(`${protocol}: ${meaning}; default ${usual}`)
      byName.set(name, { meanings, min: Math.min(min, range[0]), max: Math.max(max, range[1]) })
    }
  }
  for (const [name, { meanings, min, max }] of byName) {
    const option = wholeNumberOption(`${flagOf(name)} <n>`, meanings.join('. '), [min, max])
    command.addOption(option.env(variableOf(name)))
  }
  return command
}

/** The protocol's own limits among a command's options, complete; `suites` are those whose options it has. Throws Misuse for one that was typed and is another protocol's. */
export function protocolOptionsFrom(command: Command, suite: Suite, suites: readonly Suite[]): Options {
  const own: Record<string, number> = {}
  for (const name of suites.flatMap(({ options = [] }) => options.map((option) => option.name))) {
    const value: unknown = command.getOptionValue(name)
    if (typeof value !== 'number') continue
    if (suite.options?.some((option) => option.name === name)) own[name] = value
    else if (command.getOptionValueSource(name) === 'cli') {
      throw new Misuse(`${flagOf(name)} is no option of --protocol ${suite.name}.`)
    }
  }
  return asTyped(Object.keys(own), () => optionsOf(suite, own))
}

/** The limits among a command's options. Throws Misuse for two that do not go together. */
export function limitsFrom(options: Readonly<Record<string, unknown>>): Partial<Limits> {
  const given: { -readonly [Name in keyof Limits]?: Limits[Name] } = {}
  for (const name of LIMIT_NAMES) {
    const value = options[name]
    if (typeof value === 'number') given[name] = value
  }
  asTyped(LIMIT_NAMES, () => limitsOf(given))
  return given
}

/** What `make` returns; what it refuses is Misuse, and speaks of the options as they were typed. */
function asTyped<T>(names: readonly string[], make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    let text = error.message
    for (const name of names) text = text.replaceAll(name, flagOf(name))
    throw new Misuse(`${text}.`)
  }
}
