/** The table of five patterns and six problems: its proofs made again, and held against what the patterns declare. */
import { PATTERNS } from '@switchyard/impls'
import { describe, expect, it } from 'vitest'
import { NODES_TEST, pricesPage } from '../src/generate/prices.ts'
import { proved } from '../src/prices/proved.ts'
import type { Measured } from '../src/prices/measured.ts'
import type { Proved } from '../src/prices/proved.ts'
import { read } from './support.ts'

const committed: Proved = JSON.parse(read('docs/proved.json'))
const measured: Measured = JSON.parse(read('docs/measured.json'))

it('each proof is what the simulator finds now', async () => {
  expect(committed, 'npm run docs:generate').toEqual(await proved())
}, 120_000)

it('the page is made of the proofs and of the committed run', () => {
  const { path, text } = pricesPage(committed, measured, read(NODES_TEST))
  expect(read(`docs/${path}`), 'npm run docs:generate').toBe(text)
})

const asked = committed.scenes.flatMap(({ problem, asks, of }) =>
  PATTERNS.map((pattern) => [problem, asks.join(), pattern.name, pattern, of[pattern.name]] as const),
)

/** What a pattern does not promise, and this problem does not make it pay: its clients are answered, and send nothing to each other. */
const SPARED: readonly string[] = ['epmd, G2,G4, channel-per-writer']

describe('what is declared is what is proved:', () => {
  it.each(asked)('%s, %s, %s', (problem, asks, name, { guarantees }, proof) => {
    const declared = asks.split(',').every((id) => Reflect.get(guarantees, id) === true)
    expect(proof?.broken === null).toBe(declared || SPARED.includes(`${problem}, ${asks}, ${name}`))
  })
})

it('a figure that nobody has measured is told, and not left out', () => {
  const fewer = { ...measured, figures: measured.figures.slice(1) }
  expect(() => pricesPage(committed, fewer, read(NODES_TEST))).toThrow(/npm run prices/)
})
