import { address, command } from '@switchyard/conformance'
import type { Target } from '@switchyard/conformance'
import { Misuse } from './exit.ts'

/** What `--exec` was given: a command that starts a server. Throws Misuse. */
export function commandFrom(line: string): string {
  if (line.trim() === '') throw new Misuse("--exec is empty: it must be a command, such as './my-server {port}'.")
  return line
}

/** Throws Misuse. */
export function startedBy(line: string): Target {
  return command(commandFrom(line))
}

/** What `--connect` was given: a server that runs already. Throws Misuse. */
export function runningAt(text: string): Target {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || !(Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new Misuse(`--connect is "${text}": it must be host:port, such as 127.0.0.1:7000.`)
  }
  return address(host.replaceAll(/^\[|\]$/g, ''), Number(port))
}
