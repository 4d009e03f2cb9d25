/** What the teaching pack prints is what is printed. */
import { PATTERNS } from '@switchyard/impls'
import { GUARANTEES } from '@switchyard/core'
import { describe, expect, it } from 'vitest'
import { LEVELS } from '../src/game/levels.ts'
import { Play } from '../src/game/play.ts'
import { SOURCES } from '../src/game/sources.ts'
import { read } from './support.ts'

const slides = read('docs/teach/slides.md')

describe('the slides', () => {
  const charts = [...slides.matchAll(/<!-- level: ([\w-]+) -->\n\n```text\n([\s\S]*?)\n```/g)]

  it.each(charts.map(([, id = '', chart]) => [id, chart] as const))('%s is what its level shows', async (id, chart) => {
    const level = LEVELS.find((each) => each.id === id)
    if (!level) throw new RangeError(`there is no level ${id}`)
    const play = new Play(level, SOURCES)
    const shown = await play.position(await play.par())
    expect(`${chart}\n`).toBe(`${shown.chart.trimEnd()}\n`)
  })

  it('show most of the ten faults', () => {
    expect(charts.length).toBeGreaterThanOrEqual(9)
  })

  it('take 90 minutes, and each says how long', () => {
    const minutes = [...slides.matchAll(/<!-- minutes: (\d+) -->/g)].map(([, count]) => Number(count))
    expect(minutes.length).toBe(slides.match(/^##? /gm)?.length)
    expect(minutes.reduce((sum, count) => sum + count, 0)).toBe(90)
  })

  it('say of each pattern what it declares', () => {
    const rows = [...slides.matchAll(/^\| \*\*(G\d+)\*\* .*?\| (.+) \|$/gm)]
    const shown = rows.map(([, id, cells = '']) => [id, cells.split(' | ')])
    const differ = GUARANTEES.filter((id) => new Set(PATTERNS.map(({ guarantees }) => guarantees[id])).size > 1)
    const declared = differ.map((id) => [id, PATTERNS.map(({ guarantees }) => (guarantees[id] ? 'yes' : 'no'))])
    expect(shown).toEqual(declared)
  })
})

it('the labs’ pages ask for what the graders’ page asks for', () => {
  const graded = [...read('docs/teach/index.md').matchAll(/-- .*(--case [^#\n]*[^#\s])/gm)].map(
    ([, options]) => options,
  )
  expect(graded.length).toBe(2)
  for (const [index, options] of graded.entries()) expect(read(`docs/teach/lab-${index + 2}.md`)).toContain(options)
})
