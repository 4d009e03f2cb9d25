/** Each planted fault of the library of services is found: by random worlds, with the rule that it breaks, and by a case. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CASES, FAULTS, runSeed } from '@switchyard/services/suite'
import type { Fault, Library } from '@switchyard/services/suite'
import { describe, expect, it } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

const SEEDS = 400
/** A case that a fault makes wait for ever. */
const HANGS_MS = 2_000

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))

describe.each(FAULTS)('$id: $says', (fault) => {
  const [copy = ''] = writeCopies(`services/src/${fault.file}`, [planted(fault)], join(work, fault.id))
  const load = (): Promise<Library> => import(join(copy, 'index.ts'))

  const { rule } = fault
  if (rule !== undefined)
    it(`breaks the rule "${rule}" in one of ${SEEDS} random worlds`, async () => {
      const rules = new Set<string>()
      const library = await load()
      for (let seed = 0; seed < SEEDS && !rules.has(rule); seed++) {
        const { violation } = await runSeed(library, seed)
        if (violation) rules.add(violation.clause)
      }
      expect([...rules]).toContain(rule)
    })

  it(`fails the case ${fault.case}`, async () => {
    const found = CASES.find(({ id }) => id === fault.case)
    expect(found).toBeDefined()
    const library = await load()
    const failed = await failureOf(async () => found?.run(library))
    expect(failed).toContain(fault.names ?? '')
  })
})

/** What a case says that fails, or that it hangs. */
async function failureOf(run: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const hangs = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('it hangs'), HANGS_MS)
  })
  const failure = run().then(
    () => Promise.reject(new Error('the case does not fail')),
    (error: unknown) => String(error),
  )
  try {
    return await Promise.race([failure, hangs])
  } finally {
    clearTimeout(timer)
  }
}

function planted({ file, find, replace }: Fault): string {
  const source = readFileSync(join(root, 'services/src', file), 'utf8')
  expect(source.split(find), `${file} has the passage once`).toHaveLength(2)
  return source.replace(find, () => replace)
}
