import { fileURLToPath } from 'node:url'
import { victimsOf } from '@switchyard/stress/abuse'
import type { Abuse, Finding, Programs, Scale } from '@switchyard/stress/abuse'

/** Built JavaScript, also when this file is run from `src`. */
export const PROGRAMS: Programs = {
  host: new URL('../../dist/host.js', import.meta.url),
  command: fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
}

/** What one abuse did to one server. Plain data: fit for JSON. */
export interface Abused extends Finding {
  readonly server: string
  readonly abuse: string
  readonly seconds: number
}

/** Never rejects for what a server does: one that ends in the middle is a finding too. */
export async function runAbuse(server: string, protocol: string, abuse: Abuse, scale: Scale): Promise<Abused> {
  const startedAt = performance.now()
  const finding = await abuse.run(victimsOf(server, protocol, PROGRAMS), scale).catch(failed)
  return { server, abuse: abuse.name, ...finding, seconds: (performance.now() - startedAt) / 1000 }
}

function failed(error: unknown): Finding {
  return { problems: [error instanceof Error ? error.message : String(error)], figures: {} }
}
