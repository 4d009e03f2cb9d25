import type { Guarantee } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SCENES } from './scenes.ts'
import type { Proof } from './scenes.ts'

/** `docs/proved.json`: what each of the five keeps and pays in each scene. */
export interface Proved {
  readonly scenes: readonly {
    readonly problem: string
    readonly asks: readonly Guarantee[]
    readonly says: string
    /** By the pattern's name. */
    readonly of: Readonly<Record<string, Proof>>
  }[]
}

/** Simulated, so the same on every machine: a test makes it again. */
export async function proved(): Promise<Proved> {
  const scenes: Proved['scenes'][number][] = []
  for (const [problem, all] of Object.entries(SCENES)) {
    for (const { asks, says, prove } of all) {
      const of: Record<string, Proof> = {}
      for (const pattern of PATTERNS) of[pattern.name] = await prove(pattern)
      scenes.push({ problem, asks, says, of })
    }
  }
  return { scenes }
}
