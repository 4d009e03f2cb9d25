import { pino } from 'pino'
import type { Logger } from 'pino'
import { coloursFor } from '../colours.ts'
import type { Output } from './output.ts'

/** From most to least; `silent` is none at all. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** `json` is an object a line; `text` is for people. */
export const LOG_FORMATS = ['json', 'text'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

interface Line {
  readonly level: string
  readonly time: string
  readonly msg: string
}

/** A line for each entry. Writing never waits. (pino's own destinations do: the loop, or a thread that keeps the process from ending.) */
export function loggerFor(output: Output, level: LogLevel, format: LogFormat): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const readable = textOf()
  return pino(options, { write: (line) => output.write(format === 'json' ? line : readable(JSON.parse(line))) })
}

/** `12:03:04.123 WARN connection closed client=7 reason=reset`, in colours where the terminal has them. */
function textOf(): (line: Line) => string {
  const { bold, dim, red, yellow } = coloursFor(process.stderr)
  return ({ level, time, msg, ...fields }) => {
    const colour = level === 'error' ? red : level === 'warn' ? yellow : dim
    const said = Object.entries(fields).flatMap(([name, value]) => (name === 'pid' ? [] : [`${name}=${shown(value)}`]))
    const clock = time.slice('2000-01-01T'.length, -1)
    return `${[dim(clock), colour(level.toUpperCase().padEnd(5)), bold(msg), ...said].join(' ')}\n`
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)
}
