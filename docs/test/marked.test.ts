import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { inTurn, renderLog, runSeeds, startOf } from '@switchyard/sim'
import type { Pattern } from '@switchyard/core'
import { describe, expect, it } from 'vitest'
import { marked } from '../src/site/marked.ts'
import { takeLines } from '../src/stage/lines.ts'
import { SERVERS } from '../src/stage/servers.ts'
import { read, root } from './support.ts'

const SEEDS = 12

describe('a server with calls that say which line runs', () => {
  it.each(
    SERVERS.filter(({ file }) => !/mutants\/src\/(?:router|connections)/.test(file)).map(
      (one) => [one.name, one] as const,
    ),
  )('%s does what it does without them, event by event', async (_, { file, pattern }) => {
    // With a query it is another module to Vite, and not a file that is marked.
    const unmarked: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ `${root}${file}?unmarked`)
    const plain = Object.values(unmarked)
      .map(patternOf)
      .find((found) => found?.name === pattern.name)
    if (!plain) throw new Error(`${file} exports no ${pattern.name}`)
    expect(plain).not.toBe(pattern)
    for (let seed = 0; seed < SEEDS; seed++) {
      takeLines(file)
      const without = await log(plain, seed)
      expect(takeLines(file), 'the one without calls makes none').toEqual([])
      expect(await log(pattern, seed), `seed ${seed}`).toBe(without)
      expect(takeLines(file).length).toBeGreaterThan(0)
    }
  })

  it.each(SERVERS.map(({ file }) => file))('%s keeps every line where it is', (file) => {
    const source = read(file)
    const lines = marked(file, source, '/lines.ts').split('\n')
    const calls =
      /(?:\{?at__\(\d+\);|\(at__\(\d+\),\(|import \{ marker as marker__ \}.*?;const at__ = marker__\('[^']*'\);)/g
    const bare = (line: string): string => line.replaceAll(calls, '').replaceAll(/[{})]/g, '')
    expect(lines.map(bare)).toEqual(source.split('\n').map((line) => line.replaceAll(/[{})]/g, '')))
  })
})

function patternOf(value: unknown): Pattern | undefined {
  if (isPattern(value)) return value
  return typeof value === 'object' && value !== null && 'pattern' in value && isPattern(value.pattern)
    ? value.pattern
    : undefined
}

function isPattern(value: unknown): value is Pattern {
  return typeof value === 'object' && value !== null && 'serve' in value
}

async function log(pattern: Pattern, seed: number): Promise<string> {
  const runs = runSeeds({
    start: startOf(SIMULATED_ROUTER, pattern),
    world: inTurn(SIMULATED_ROUTER.worlds),
    from: seed,
    to: seed,
  })
  const { value } = await runs.next()
  return renderLog(value.outcome, ROUTER_SPEECH)
}
