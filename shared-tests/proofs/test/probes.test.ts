/** The five on the simulated network: every guarantee that they declare holds, and every price is paid. */
import { COMMON_GUARANTEES } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { describe, expect, it } from 'vitest'
import { PROBES } from '../src/kill-matrix/probes.ts'

describe.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', (_, pattern) => {
  it.each(COMMON_GUARANTEES)('%s', async (id) => {
    const broken = await PROBES[id](pattern)
    if (pattern.guarantees[id]) expect(broken).toBeUndefined()
    else expect(broken, `${id} holds, and is not declared`).toBeDefined()
  })
})
