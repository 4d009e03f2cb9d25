import type { Dialect } from '@switchyard/harness'
import type { Subject } from '@switchyard/stress'
import type { Known } from '../patterns.ts'

const HOST = new URL('../host.js', import.meta.url)

/** A server that the command knows, as the stress suite starts it. */
export function subjectOf({ pattern }: Known, protocol: string, dialect: Dialect): Subject {
  const { name, guarantees, fails = [] } = pattern
  return { name, guarantees, fails, dialect, module: HOST, args: [name, '--protocol', protocol] }
}
