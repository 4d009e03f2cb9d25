import { GUARANTEES } from '@switchyard/core'
import type { Guarantee, Guarantees } from '@switchyard/core'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Subject } from '../src/index.ts'

/** Built JavaScript: Node 20 forks no TypeScript. */
const PATTERNS_HOST = new URL('../../../cli/dist/host.js', import.meta.url)
const FAULTY_HOST = new URL('./fixtures/faulty.mjs', import.meta.url)

/** A server that the command knows, declaring no more than `promised`. */
export function declaring(name: string, ...promised: readonly Guarantee[]): Subject {
  return { name, guarantees: only(promised), dialect: ROUTER.dialect, module: PATTERNS_HOST, args: [name] }
}

export function faulty(way: 'dies' | 'echoes' | 'hangs-up' | 'fails-to-start'): Subject {
  const module = way === 'fails-to-start' ? new URL('nobody.mjs', FAULTY_HOST) : FAULTY_HOST
  return { name: way, guarantees: only([]), dialect: ROUTER.dialect, module, args: [way] }
}

function only(promised: readonly Guarantee[]): Guarantees {
  const none = { G1: false, G2: false, G3: false, G4: false, G5: false, G6: false, G7: false, G8: false }
  return { ...none, ...Object.fromEntries(GUARANTEES.map((id) => [id, promised.includes(id)])) }
}
