import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { analyse, diffOf, NoResults, readResults, RunFolder, WORKLOADS } from '../src/index.ts'
import type { Block, Results } from '../src/index.ts'
import { renderDiff, renderMarkdown, renderPage, renderResultsPage, renderSummary } from '../src/reporting/index.ts'
import { decoded, Times } from '../src/load/latencies.ts'
import { figuresOf, quantileOf } from '../src/analysis/metrics.ts'
import { scoresOf } from '../src/analysis/scores.ts'
import { conditionsOf } from '../src/reporting/conditions.ts'
import { byteTicks, logTicks, short, shortBytes, shortMicros } from '../src/reporting/ticks.ts'
import { synthetic } from './synthetic.ts'

const FEW = WORKLOADS.filter(({ name }) =>
  ['pipelined-32', 'round-trips-128', 'offered-60k', 'stalled-4'].includes(name),
)

describe('a quantile', () => {
  it('is given only where ten values lie beyond it', () => {
    const times = new Times()
    for (let ms = 1; ms <= 999; ms++) times.add(ms)
    const histogram = decoded(times.encoded())
    expect(quantileOf(histogram, 0.99)).toBeNull()
    expect(quantileOf(histogram, 0.9)! / 900_000).toBeCloseTo(1, 2)
    times.add(1000)
    expect(quantileOf(decoded(times.encoded()), 0.99)! / 990_000).toBeCloseTo(1, 2)
    expect(quantileOf(null, 0.5)).toBeNull()
  })

  it('of a block is missing, not 0, where it cannot be given', () => {
    const { blocks } = synthetic({ rounds: 1, workloads: FEW })
    const figures = figuresOf(
      blocks.find(({ workload }) => workload === 'offered-60k')!,
      32,
    )
    expect(figures.p99Micros).toBeGreaterThan(0)
    expect('p999Micros' in figures).toBe(false)
  })
})

describe('the analysis', () => {
  it('ranks by rounds, and says what can be told', () => {
    const { workloads, control } = analyse(synthetic({ workloads: FEW }))
    const [first] = workloads
    const said = first?.comparisons.map(({ one, other, difference }) => `${one} ${difference} ${other}`)
    expect(said).toContain('race lower reactor')
    expect(said).toContain('mutex lower channels')
    expect(control.state).toBe('holds')
    expect(control.blocks).toBe(6 * FEW.length)
  })

  it('finds a planted slowdown of 10 %, and none of 0 %', () => {
    const paces = { reactor: 1, same: 1, slow: 0.9 }
    for (const seed of [1, 2, 3, 4, 5]) {
      const { workloads } = analyse(synthetic({ seed, rounds: 8, noise: 0.08, paces, workloads: FEW.slice(0, 1) }))
      expect(workloads[0]?.comparisons.map(({ difference }) => difference)).toEqual(['cannot-tell', 'higher', 'higher'])
    }
  })

  it("does not trust a run whose one server differs from itself, and says so in the page's first words", () => {
    const results = synthetic({ workloads: FEW })
    const blocks = results.blocks.map((block) => (block.subject === 'reactor again' ? slowed(block, 0.8) : block))
    const broken = { ...results, blocks }
    expect(analyse(broken).control.state).toBe('broken')
    expect(renderPage(broken)).toContain('do not trust this run&#39;s ranking'.replace('&#39;', "'"))
    expect(renderSummary(broken, analyse(broken))).toContain('do not trust')
  })

  it('says when its control is too wide to tell anything', () => {
    const wide = synthetic({ rounds: 4, noise: 1.5, workloads: FEW.slice(0, 1) })
    expect(renderSummary(wide, analyse(wide))).toContain('But it is wide')
    const sharp = synthetic({ rounds: 4, workloads: FEW })
    expect(renderSummary(sharp, analyse(sharp))).not.toContain('But it is wide')
  })

  it('never ranks who is saturated, who failed, who breaks the protocol, nor what is there for comparison', () => {
    const results = synthetic({ workloads: FEW })
    const subjects = results.run.subjects.map((subject) =>
      subject.name === 'channels'
        ? { ...subject, conformance: { state: 'broken', summary: '1 failed (R3.1)' } as const }
        : subject,
    )
    const failed = { state: 'failed', why: 'the server process exited with code 1\n  at somewhere' } as const
    const blocks = results.blocks.map((block) =>
      block.subject === 'race' && block.round === 2 ? { ...block, outcome: failed } : block,
    )
    const { workloads } = analyse({ run: { ...results.run, subjects }, blocks })
    const offered = workloads.find(({ workload }) => workload.name === 'offered-60k')
    const states = Object.fromEntries(
      (offered?.rows ?? []).map(({ subject, standing }) => [subject.name, standing.state]),
    )
    expect(states).toEqual({
      mutex: 'saturated',
      channels: 'not-conformant',
      'channel-per-writer': 'saturated',
      race: 'failed',
      reactor: 'ranked',
      'reactor again': 'reference',
      yardstick: 'reference',
    })
    expect(offered?.comparisons).toEqual([])
    const text = renderSummary(
      { run: { ...results.run, subjects }, blocks },
      analyse({ run: { ...results.run, subjects }, blocks }),
    )
    expect(text).toContain('saturated: reached')
    expect(text).toContain('1 block failed: the server process exited with code 1')
    expect(text).toContain('not ranked, fails conformance: 1 failed (R3.1)')
  })
})

describe('the scores', () => {
  it('are ratios within rounds, of what the run has', () => {
    const { columns, rows } = scoresOf(analyse(synthetic({ rounds: 5 })))
    const titles = columns.map(({ title }) => title)
    expect(titles).not.toContain('32 B × nats-server')
    const reactor = rows.find(({ server }) => server === 'reactor')?.values ?? []
    const value = (title: string): number => reactor[titles.indexOf(title)]?.value ?? Number.NaN
    expect(value('32 B × yardstick')).toBeCloseTo(0.65, 1)
    expect(value('their p99 × yardstick')).toBeCloseTo(1.54, 0)
    expect(value('CPU at 5,000 idle × none')).toBeCloseTo(1, 1)
    expect(value('memory/idle client') / (6000 / 1.3)).toBeCloseTo(1, 1)
    expect(rows.map(({ server }) => server)).not.toContain('reactor again')
  })
})

describe('the page', () => {
  const results = synthetic({ rounds: 4 })
  const page = renderPage(results)

  it('is the same for the same run, byte for byte', () => {
    expect(renderPage(results)).toBe(page)
  }, 60_000)

  it('needs neither a network nor JavaScript', () => {
    const { document } = parseHTML(page)
    expect(document.querySelectorAll('script, link, img, iframe, object')).toHaveLength(0)
    const addresses = [...page.matchAll(/(?:https?:)?\/\/[^\s"'<]+/g)].map(([address]) => address)
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([])
    for (const link of document.querySelectorAll('a')) {
      const target = link.getAttribute('href') ?? ''
      expect(document.getElementById(target.slice(1)), target).not.toBeNull()
    }
  })

  it('has a chart for each question, and under each what it does not show, and its command', () => {
    const { document } = parseHTML(page)
    const figures = [...document.querySelectorAll('figure')]
    expect(figures.length).toBeGreaterThan(15)
    for (const figure of figures) {
      expect(figure.querySelectorAll('svg')).toHaveLength(1)
      expect(figure.querySelector('figcaption')?.textContent).toMatch(/Not shown: /)
      expect(figure.querySelector('figcaption code')?.textContent).toMatch(
        /^switchyard bench --workload [\w,-]+ --rounds 8 --seed 1$/,
      )
      expect(figure.outerHTML).not.toContain('NaN')
    }
    for (const id of [
      'throughput',
      'latency',
      'offered',
      'clients',
      'idle',
      'stalled',
      'cross-overs',
      'memory',
      'conditions',
    ]) {
      expect(document.getElementById(id), id).not.toBeNull()
    }
  })

  it('escapes what a run brings along', () => {
    const evil = '<script>alert("&")</script>'
    const { run, blocks } = synthetic({ rounds: 1, workloads: FEW.slice(0, 1) })
    const made = { ...run.made, command: evil }
    const subjects = run.subjects.map((subject) => ({
      ...subject,
      name: subject.name === 'race' ? evil : subject.name,
    }))
    const renamed = blocks.map((block) => (block.subject === 'race' ? { ...block, subject: evil } : block))
    const html = renderPage({
      run: { ...run, made, subjects, machine: { ...run.machine, cpu: evil } },
      blocks: renamed,
    })
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
  })

  it('is there for a run of one block, and of none', () => {
    const one = synthetic({ rounds: 1, workloads: FEW.slice(0, 1) })
    expect(renderPage({ ...one, blocks: one.blocks.slice(0, 1) })).toContain('</html>')
    expect(renderPage({ ...one, blocks: [] })).toContain('</html>')
    expect(renderSummary({ ...one, blocks: [] }, analyse({ ...one, blocks: [] }))).toContain('Control: none')
  })

  it('says what conditions were equal, and which were not', () => {
    expect(conditionsOf(results).unequal).toEqual([])
    const blocks = results.blocks.map((block): Block => {
      if (block.subject !== 'race' || block.outcome.state === 'failed' || !block.outcome.facts) return block
      return { ...block, outcome: { ...block.outcome, facts: { ...block.outcome.facts, noDelay: false } } }
    })
    expect(conditionsOf({ ...results, blocks }).unequal).toEqual(['TCP_NODELAY'])
  })
})

describe('markdown', () => {
  const results = synthetic({ rounds: 5, workloads: FEW })

  it('has a table for each workload, with as many cells in each row', () => {
    const text = renderMarkdown(results, analyse(results))
    for (const { name } of FEW) expect(text).toContain(`## ${name}\n`)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const glance = 2 + results.run.subjects.length - 1
    expect(rows.length).toBe(glance + FEW.reduce((sum) => sum + 2 + results.run.subjects.length, 0))
  })

  it('as a page says where the run is kept', () => {
    expect(renderResultsPage(results, 'results/2026-01-02-1234567')).toContain('](../results/2026-01-02-1234567)')
  })
})

describe('a diff', () => {
  const before = synthetic({ rounds: 8, workloads: FEW })

  it('of a run with itself finds nothing', () => {
    const diff = diffOf(before, before)
    expect(diff.changes.every(({ difference }) => difference === 'cannot-tell')).toBe(true)
    expect(diff).toMatchObject({ machines: [], onlyInOne: [] })
    expect(renderDiff(diff)).toMatch(/^0 of \d+ figures changed/)
  })

  it('of two runs of the same servers finds nothing', () => {
    const diff = diffOf(before, synthetic({ rounds: 8, seed: 2, workloads: FEW }))
    expect(diff.changes.filter(({ difference }) => difference !== 'cannot-tell')).toEqual([])
  })

  it('finds who has become slower, also on a machine that has', () => {
    const later = synthetic({ rounds: 8, seed: 2, workloads: FEW.slice(0, 1) })
    const blocks = later.blocks.map((block) => slowed(block, block.subject === 'race' ? 0.45 : 0.5))
    const found = diffOf(before, { ...later, blocks }).changes.filter(({ difference }) => difference !== 'cannot-tell')
    expect(found.map(({ subject }) => subject).toSorted()).toEqual(['race', 'yardstick'])
    expect(found.find(({ subject }) => subject === 'race')).toMatchObject({ difference: 'lower', inYardsticks: true })
  })

  it('says when machines differ, and what only one run has', () => {
    const { run, blocks } = synthetic({ rounds: 2, workloads: FEW.slice(0, 2) })
    const diff = diffOf(before, { run: { ...run, machine: { ...run.machine, node: 'v24.0.0', cores: 4 } }, blocks })
    expect(diff.machines).toEqual(['cores: 2 then, 4 now', 'node: v20.19.0 then, v24.0.0 now'])
    expect(diff.onlyInOne).toContain('stalled-4 mutex')
    expect(renderDiff(diff)).toContain('The machines differ')
  })
})

describe("a run's folder", () => {
  const results = synthetic({ rounds: 1, workloads: FEW.slice(0, 1) })

  it('gives back what was put into it, compressed or not', async () => {
    await using folder = await stored(results)
    expect(await readResults(folder.path)).toEqual(results)
    const blocks = join(folder.path, 'blocks.jsonl')
    await writeFile(`${blocks}.gz`, gzipSync(await readFile(blocks)))
    await rm(blocks)
    expect(await readResults(folder.path)).toEqual(results)
  })

  it('leaves out a last line that was cut off, and has what came before', async () => {
    await using folder = await stored(results)
    await appendFile(join(folder.path, 'blocks.jsonl'), '{"workload":"pipelin')
    expect((await readResults(folder.path)).blocks).toEqual(results.blocks)
  })

  it('says what is wrong with it', async () => {
    await using folder = await stored(results)
    await expect(RunFolder.create(folder.path)).rejects.toThrow('is not empty')
    await expect(readResults(join(folder.path, 'nowhere'))).rejects.toThrow(NoResults)
    await writeFile(join(folder.path, 'blocks.jsonl'), 'rubbish\n')
    await expect(readResults(folder.path)).rejects.toThrow('blocks.jsonl, line 1 is no JSON')
    await writeFile(join(folder.path, 'run.json'), '{"schema":7}')
    await expect(readResults(folder.path)).rejects.toThrow('has schema 7, and this version reads 1')
    await writeFile(join(folder.path, 'run.json'), '[')
    await expect(readResults(folder.path)).rejects.toThrow('run.json is no JSON')
  })
})

describe('axes', () => {
  it('are marked with round numbers', () => {
    expect(logTicks(0.3, 1)).toEqual([0.3, 0.4, 0.5, 0.7, 1])
    expect(logTicks(3, 300)).toEqual([5, 10, 20, 50, 100, 200])
    expect(logTicks(0.5, 20_000)).toEqual([1, 10, 100, 1000, 10_000])
    expect(byteTicks(9000)).toEqual([0, 2048, 4096, 6144, 8192, 10_240])
    expect([short(5000), short(20_000), short(1.25e6)]).toEqual(['5,000', '20 k', '1.25 M'])
    expect([shortMicros(0.2), shortMicros(1500), shortMicros(2e6)]).toEqual(['0.2 µs', '1.5 ms', '2 s'])
    expect([shortBytes(512), shortBytes(4096), shortBytes(2 ** 21)]).toEqual(['512 B', '4 KiB', '2 MiB'])
  })
})

/** Its figures, as a machine or a server has them that is so many times as fast. */
function slowed(block: Block, factor: number): Block {
  if (block.outcome.state === 'failed') return block
  const { measurement } = block.outcome
  const messagesPerSecond = measurement.messagesPerSecond * factor
  return { ...block, outcome: { ...block.outcome, measurement: { ...measurement, messagesPerSecond } } }
}

async function stored({ run, blocks }: Results): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'switchyard-'))
  const folder = await RunFolder.create(path)
  await folder.writeRun(run)
  for (const block of blocks) await folder.append(block)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}
