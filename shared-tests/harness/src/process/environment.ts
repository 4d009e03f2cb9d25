/** The name of the environment variable of a limit or an option: `SWITCHYARD_MESSAGE_BYTES_MAX`. */
export function variableOf(limit: string): string {
  return `SWITCHYARD_${limit.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`
}

/** Limits and options as a server's environment has them. */
export function environmentOf(values: Readonly<Partial<Record<string, number>>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), `${value}`]))
}
