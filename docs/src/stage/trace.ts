import type { Frame } from './frame.ts'
import type { Run } from './run.ts'

/** A run as text, one line for each frame: the same script has the same trace on every machine and in every browser. */
export function traceOf(run: Run, until: number = run.frames.length - 1): string {
  return run.frames
    .slice(0, until + 1)
    .map(lineOf)
    .join('\n')
}

function lineOf({ at, text, lines, arrived, held, waitsText, violation }: Frame): string {
  const waits = waitsText.length > 0 ? ` | ${waitsText.join('; ')}` : ''
  const verdict = violation ? ` | ${violation.clause}` : ''
  return `${String(at).padStart(6)} ${text} | arrived ${arrived}, held ${held.total} | lines ${lines.join(' ')}${waits}${verdict}`
}
