import type { Outcome } from '../events.ts'
import { clientsIn, rowsOf } from './rows.ts'
import type { Labels, Mark } from './rows.ts'

const LANE = 84
const ROW = 22
const LEFT = 48
const TOP = 40
const WORDS = 420
const CHARACTERS_MAX = 110

/** The chart as a picture that needs nothing else: legible on light and on dark, with the reader's own fonts. */
export function renderSvg<Say>(outcome: Outcome<Say>, labels: Labels<Say>): string {
  const rows = rowsOf(outcome, labels)
  const clients = clientsIn(outcome)
  const said = verdict(outcome)
  const lifelines = TOP + rows.length * ROW
  const height = lifelines + ROW + said.length * ROW
  const width = Math.max(x(clients) + LANE / 2 + WORDS, 24 + Math.max(...said.map((line) => line.length)) * 7.5)
  const names = [...Array.from({ length: clients }, (_, client) => `client ${client}`), 'server']
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-size="13">`,
    `<title>${escaped(said[0] ?? '')}</title>`,
    STYLE,
    ...names.map((name, lane) => {
      const line = `<line class="life" x1="${x(lane)}" y1="${TOP - 12}" x2="${x(lane)}" y2="${lifelines}"/>`
      return `<text class="name" x="${x(lane)}" y="${TOP - 20}">${name}</text>${line}`
    }),
    ...rows.map(({ text, mark }, index) => {
      const y = TOP + index * ROW
      const number = `<text class="number" x="${LEFT - 16}" y="${y + 4}">${index + 1}</text>`
      const words = `<text x="${x(clients) + LANE / 2}" y="${y + 4}">${escaped(text)}</text>`
      return `<g>${number}${draw(mark, y, x(clients))}${words}</g>`
    }),
    ...said.map((line, i) => `<text class="said" x="12" y="${lifelines + ROW * (i + 1)}">${escaped(line)}</text>`),
    '</svg>',
    '',
  ].join('\n')
}

const STYLE = `<style>
  svg { color-scheme: light dark; --ink: #1b1f24; --faint: #8b949e; --signal: #0550ae; background: #ffffff }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --faint: #7d8590; --signal: #79c0ff; background: #0d1117 } }
  text { font-family: ui-monospace, Menlo, Consolas, monospace; fill: var(--ink) }
  .name { text-anchor: middle; font-weight: bold } .number { text-anchor: end; fill: var(--faint) }
  .said { font-weight: bold } .life, .rule { stroke: var(--faint) } .rule { stroke-dasharray: 4 4 }
  .arrow { stroke: var(--signal); stroke-width: 1.5 } .head, .point { fill: var(--signal) }
</style>`

function x(lane: number): number {
  return LEFT + LANE / 2 + lane * LANE
}

function draw(mark: Mark, y: number, right: number): string {
  switch (mark.kind) {
    case 'arrow': {
      const [from, to] = [x(mark.from), x(mark.to)]
      const back = from < to ? -7 : 7
      const line = `<line class="arrow" x1="${from}" y1="${y}" x2="${to + back}" y2="${y}"/>`
      return `${line}<path class="head" d="M${to} ${y}l${back} -4v8z"/>`
    }
    case 'point':
      return `<circle class="point" cx="${x(mark.lane)}" cy="${y}" r="4"/>`
    case 'rule':
      return `<line class="rule" x1="${LEFT}" y1="${y}" x2="${right}" y2="${y}"/>`
  }
}

function verdict({ violation, waits }: Outcome): readonly string[] {
  const said = violation ? `${violation.clause} is violated: ${violation.message}` : 'nothing is violated'
  return [said, ...waits.split('\n')].map((line) =>
    line.length > CHARACTERS_MAX ? `${line.slice(0, CHARACTERS_MAX - 1)}…` : line,
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
