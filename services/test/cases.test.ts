import * as services from '../src/index.ts'
import { describe, expect, it } from 'vitest'
import { CASES } from '../suite/index.ts'

describe('the library', () => {
  it.each(CASES.map((one) => [one.id, one] as const))('%s', async (_, { run }) => {
    await run(services)
  })
})

it('no two cases have one id', () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length)
})
