/** Each planted fault of chat fails the case that it names, on one of the five; without it the case passes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCase } from '@switchyard/conformance'
import type { CaseResult } from '@switchyard/conformance'
import { PATTERNS } from '@switchyard/impls'
import type * as chat from '@switchyard/protocols/chat'
import { CHAT, FAULTS } from '@switchyard/protocols/chat/suite'
import type { Fault } from '@switchyard/protocols/chat/suite'
import { simulated } from '@switchyard/simulated'
import { describe, expect, it } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

/** Nothing here takes real time: what stands still for so long stands still. */
const STILL_MS = 300

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

describe.each(FAULTS)('$id: $says', (fault) => {
  const [copy = ''] = writeCopies(`protocols/chat/src/${fault.file}`, [planted(fault)], join(work, `chat-${fault.id}`))

  it(`fails the case ${fault.case}`, async () => {
    const { verdict } = await judged(await import(join(copy, 'index.ts')), fault.case)
    expect(verdict).toBe('failed')
  })
})

it.each([...new Set(FAULTS.map((fault) => fault.case))])('%s passes without them', async (id) => {
  const { verdict, message } = await judged(await import('@switchyard/protocols/chat'), id)
  expect([verdict, message]).toEqual(['passed', ''])
})

async function judged({ Chat, DEFAULT_OPTIONS }: typeof chat, id: string): Promise<CaseResult> {
  const found = CHAT.cases.find((each) => each.id === id)
  if (!found) throw new Error(`there is no case ${id}`)
  const suite: typeof CHAT = {
    ...CHAT,
    create: ({ options }) => new Chat({ ...DEFAULT_OPTIONS, ...options, seed: 1 }),
  }
  return runCase(suite, simulated(suite, reactor), found, { stillMs: STILL_MS })
}

function planted({ file, find, replace }: Fault): string {
  const source = readFileSync(join(root, 'protocols/chat/src', file), 'utf8')
  expect(source.split(find), `${file} has the passage once`).toHaveLength(2)
  return source.replace(find, () => replace)
}
