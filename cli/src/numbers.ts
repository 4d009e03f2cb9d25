import { Misuse } from './exit.ts'

const PORT_MAX = 65_535

/** Throws Misuse for anything but a whole number from `min` to `max`. `flag` is the option as it was typed. */
export function wholeNumber(flag: string, text: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= min && value <= max && text.trim() !== '') return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  throw new Misuse(`${flag} is "${text}": it must be a whole number ${range}.`)
}

/** Throws Misuse for anything but a port to listen on; 0 is any free one. */
export function portNumber(flag: string, text: string): number {
  return wholeNumber(flag, text, 0, PORT_MAX)
}
