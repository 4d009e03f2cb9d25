import { GUARANTEES } from '@switchyard/core'
import { Argument, Option } from 'commander'
import { Misuse } from './exit.ts'
import { NAMES } from './patterns.ts'

const PORT_MAX = 65_535
const SEED_MAX = 2 ** 31

/** Throws Misuse for anything but digits, from `min` to `max`. `flag` is the option as it was typed. */
function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  throw new Misuse(`${flag} is "${text}": it must be a whole number ${range}.`)
}

/** `flags` as commander has them: `-p, --port <n>`. */
export function wholeNumberOption(
  flags: string,
  meaning: string,
  [min, max = Number.MAX_SAFE_INTEGER]: readonly [min: number, max?: number],
): Option {
  const option = new Option(flags, meaning)
  return option.argParser((text) => wholeNumber(option.long ?? flags, text, min, max))
}

/** A port to listen on; 0 is any free one. */
export function portOption(flags: string, meaning: string): Option {
  return wholeNumberOption(flags, meaning, [0, PORT_MAX])
}

export function seedOption(meaning = 'the first seed'): Option {
  return wholeNumberOption('--seed <n>', meaning, [0, SEED_MAX])
}

export function seedsOption(meaning = 'how many seeds'): Option {
  return wholeNumberOption('--seeds <n>', meaning, [1, SEED_MAX])
}

/** An address to listen at. An empty one is refused: the operating system would take it for all there are. */
export function hostOption(flags: string, meaning: string): Option {
  const option = new Option(flags, meaning)
  return option.argParser((text) => {
    if (text.trim() !== '') return text
    throw new Misuse(`${option.long} is empty: it must be an address; 0.0.0.0 and :: are all of this machine's.`)
  })
}

/** Names of servers. `text` says what stands for none, and what else there is. */
export function serversArgument(usage: string, text: string, also: readonly string[] = []): Argument {
  return suggesting(new Argument(usage, text), [...NAMES, ...also])
}

/** `G2,G4`. */
export function guaranteesOption(flags: string, meaning: string): Option {
  const option = suggesting(new Option(flags, meaning), GUARANTEES)
  return option.argParser((text) =>
    text.split(',').map((part) => {
      const id = GUARANTEES.find((each) => each === part.trim().toUpperCase())
      if (id) return id
      throw new Misuse(
        `${option.long} is "${text}": it must be one or more of ${GUARANTEES.join(', ')}, such as G2,G4.`,
      )
    }),
  )
}

/** Help and completion list them; whether there is another value that will do is for its parser to say. */
export function suggesting<Of extends Option | Argument>(of: Of, values: readonly string[]): Of {
  of.argChoices = [...values]
  return of
}
