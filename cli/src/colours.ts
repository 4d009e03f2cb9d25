import type { Colours } from '@switchyard/conformance/reports'
import pc from 'picocolors'

/** Those of the terminal, or none (NO_COLOR, a pipe, a file). */
export function coloursFor(stream: NodeJS.WriteStream): Colours {
  const forced = process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0'
  return pc.createColors(pc.isColorSupported && (stream.isTTY || forced))
}
