import { analyse, valuesOf } from '../analysis/analysis.ts'
import type { Analysis, Row, WorkloadAnalysis } from '../analysis/analysis.ts'
import { RANKED } from '../analysis/metrics.ts'
import type { Figure } from '../analysis/metrics.ts'
import type { Results, Run } from '../run/results.ts'
import { fitScalability } from '../analysis/statistics/scalability.ts'
import { conditionsOf } from './conditions.ts'
import { bytes, figure, interval, number, percent } from './format.ts'
import { escapeHtml, htmlTable, paragraph } from './markup.ts'
import { paletteOf } from './palette.ts'
import type { Palette } from './palette.ts'
import { sectionsOf } from './sections.ts'
import type { Chart, Section } from './sections.ts'
import { STYLE } from './style.ts'
import { glanceOf, tableOf } from './summary.ts'
import { controlLine, doubtsOf, machineLine, madeLine } from './words.ts'

/** One HTML file, which needs no network and no JavaScript. It follows from the results alone, byte for byte. */
export function renderPage(results: Results): string {
  const { run, blocks } = results
  const analysis = analyse(results)
  const palette = paletteOf(run.subjects)
  const sections = sectionsOf(analysis.workloads, palette)
  const contents = [
    ...sections.map(({ id, title }) => ({ id, title })),
    { id: 'verdicts', title: 'Verdicts' },
    { id: 'headroom', title: 'Headroom' },
    { id: 'conditions', title: 'Equal conditions' },
    { id: 'figures', title: 'All figures' },
    { id: 'method', title: 'Method' },
  ]
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Switchyard: measurements</title>',
    `<style>${STYLE}</style></head><body>`,
    '<header>',
    '<h1>Five patterns, one protocol, measured</h1>',
    paragraph(`${machineLine(run.machine)}.`, 'lead'),
    paragraph(`${madeLine(run, blocks.length)}.`, 'lead'),
    trust(run, analysis),
    `<nav>${contents.map(({ id, title }) => `<a href="#${id}">${escapeHtml(title)}</a>`).join('')}</nav>`,
    '</header><main>',
    glance(analysis),
    ...sections.flatMap((section) => [
      renderSection(section, run, palette),
      ...(section.id === 'clients' ? [scalability(analysis.workloads)] : []),
    ]),
    verdicts(analysis),
    headroom(analysis.workloads),
    conditions(results),
    allFigures(analysis.workloads),
    method(run),
    '</main>',
    `<footer>Made by <code>switchyard ${escapeHtml(run.made.command)}</code>. The raw figures are beside this file: ` +
      '<code>run.json</code>, and <code>blocks.jsonl</code> with every block and its histograms. <code>switchyard report</code> makes this ' +
      'page from them again, byte for byte.</footer>',
    '</body></html>',
    '',
  ].join('\n')
}

function trust(run: Run, analysis: Analysis): string {
  const doubts = doubtsOf(run, analysis)
  const control = controlLine(analysis.control)
  return [
    `<div class="verdict ${analysis.control.state === 'broken' ? 'bad' : doubts.length > 0 ? 'doubtful' : 'good'}">`,
    paragraph(control),
    ...doubts.filter((doubt) => doubt !== control).map((doubt) => paragraph(doubt)),
    ...run.absent.map((sentence) => paragraph(sentence)),
    '</div>',
  ].join('\n')
}

function glance(analysis: Analysis): string {
  const { head, rows } = glanceOf(analysis)
  if (head.length < 2) return ''
  return [
    '<h2 id="glance">At a glance</h2>',
    paragraph(
      'Messages a second as a multiple of a relay in Node that routes nothing, and of nats-server; the 99th percentile of round trips ' +
        "as a multiple of the same relay's; what 5,000 idle clients add. Ratios within rounds, with 95 % intervals.",
      'lead',
    ),
    `<div class="glance">${htmlTable(head, rows)}</div>`,
  ].join('\n')
}

function renderSection({ id, title, lead, charts }: Section, run: Run, palette: Palette): string {
  return [
    `<h2 id="${id}">${escapeHtml(title)}</h2>`,
    paragraph(lead, 'lead'),
    ...charts.map((chart) => renderChart(chart, run, palette)),
  ].join('\n')
}

function renderChart({ title, svg, not, workloads, folded = false }: Chart, run: Run, palette: Palette): string {
  const legend = palette.names
    .map((name, index) => ({ name, colour: palette.colours[index]! }))
    .filter(({ colour }) => svg.includes(colour))
    .map(({ name, colour }) => `<li><i style="background:${colour}"></i>${escapeHtml(name)}</li>`)
  const heading = `<h3>${escapeHtml(title)}</h3>`
  const body = [
    `<ul class="legend">${legend.join('')}</ul>`,
    `<figure role="img" aria-label="${escapeHtml(title)}">${svg}`,
    `<figcaption>${paragraph(not)}<p><code>${escapeHtml(commandFor(workloads, run))}</code></p></figcaption></figure>`,
  ].join('\n')
  return folded ? `<details><summary>${escapeHtml(title)}</summary>${body}</details>` : `${heading}\n${body}`
}

/** Measures the same again, and nothing else. */
function commandFor(workloads: readonly string[], { made }: Run): string {
  const full = made.command.split(' ').includes('--full') ? '--full ' : ''
  return `switchyard bench ${full}--workload ${workloads.join(',')} --rounds 8 --seed ${made.seed}`
}

function scalability(analyses: readonly WorkloadAnalysis[]): string {
  const own = analyses.filter(({ workload }) => workload.family === 'clients')
  if (own.length < 2) return ''
  const names = [...new Set(own.flatMap(({ rows }) => rows.map(({ subject }) => subject.name)))]
  const rows = names.map((name) => {
    const points = own.map(({ workload, rows: all }) => {
      const row = all.find(({ subject }) => subject.name === name)
      return { clients: workload.at ?? 1, rates: row ? valuesOf(row, 'messagesPerSecond') : [] }
    })
    const fit = fitScalability(points)
    if (fit.state === 'not-fitted') return [name, '-', '-', '-', `not fitted: ${fit.why}`]
    const { perClient, contention, coherency, misfit } = fit.law
    return [
      name,
      interval(perClient, (value) => figure('messagesPerSecond', value)),
      interval(contention, (value) => value.toFixed(4)),
      interval(coherency, (value) => value.toExponential(1)),
      `within ${percent(misfit)} of what was measured`,
    ]
  })
  return [
    '<h3>The Universal Scalability Law</h3>',
    paragraph(
      "Gunther's law gives the rate of n pairs as λn / (1 + σ(n − 1) + κn(n − 1)). It is fitted where four numbers of pairs " +
        'were measured, it comes within 15 % of all of them, and the intervals of its constants stay above 0.',
      'lead',
    ),
    htmlTable(['server', 'λ: one pair, messages/s', 'σ: contention', 'κ: coherency', ''], rows, [0, 4]),
  ].join('\n')
}

/** Each workload's own control: of twenty, one may leave 1 by chance; the correction says which really does. */
function controls({ control }: Analysis): string {
  if (control.perWorkload.length === 0) return ''
  const rows = control.perWorkload.map(({ one, ratio, blocks, p, difference }) => [
    one,
    interval(ratio, (value) => value.toFixed(3)),
    `${blocks}`,
    probability(p),
    difference === 'cannot-tell' ? '' : 'differs: do not trust its ranking',
  ])
  const table = htmlTable(['workload', 'ratio', 'blocks', 'p, corrected', ''], rows, [0, 4])
  return `<details><summary>The control by workload: one server under two names</summary>${table}</details>`
}

function probability(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4)
}

function verdicts(analysis: Analysis): string {
  return [
    '<h2 id="verdicts">Verdicts</h2>',
    paragraph(
      'Medians of blocks with 95 % intervals. A server is called faster, cheaper or sooner only if the ratio of the two, within ' +
        "rounds, lies beyond 3 % and is still improbable between equals after Holm's correction for all comparisons of the workload.",
      'lead',
    ),
    controls(analysis),
    ...analysis.workloads.map((each) => {
      const { name, title, head, rows } = tableOf(each)
      return `<h3>${escapeHtml(title)} <code>${escapeHtml(name)}</code></h3>${htmlTable(head, rows, [0, head.length - 1])}${pairwise(each)}`
    }),
  ].join('\n')
}

function pairwise({ comparisons, workload }: WorkloadAnalysis): string {
  if (comparisons.length === 0) return ''
  const rows = comparisons.map(({ one, other, ratio, blocks, p, difference }) => [
    `${one} / ${other}`,
    interval(ratio, (value) => value.toFixed(3)),
    `${blocks}`,
    probability(p),
    difference === 'cannot-tell' ? "can't tell" : difference,
  ])
  const what = `Every two of them: ratios of ${RANKED[workload.ranked].figure}`
  return `<details><summary>${escapeHtml(what)}</summary>${htmlTable(['pair', 'ratio', 'blocks', 'p, corrected', ''], rows, [0, 4])}</details>`
}

function headroom(analyses: readonly WorkloadAnalysis[]): string {
  const head = ['workload', 'server', 'server CPU', 'generator CPU', 'lag p99']
  const rows = analyses.flatMap(({ workload, rows: all }) =>
    all.map((row) => [
      workload.name,
      row.subject.name,
      write(row, 'serverCpuShare'),
      workload.load.workload === 'open-loop' ? 'spins' : write(row, 'generatorCpuShare'),
      write(row, 'lagP99Micros'),
    ]),
  )
  return [
    '<h2 id="headroom">Headroom</h2>',
    paragraph(
      'What of a core each of the two processes used. Where the generator is near 100 % and the server is not, the rate is the ' +
        "generator's; the server's CPU for each message stays the server's. The yardstick's rows show what the generator can offer " +
        'at least. In open loops the generator looks at the clock all the time, and its lag says how late it was.',
      'lead',
    ),
    `<details><summary>All workloads</summary>${htmlTable(head, rows, [0, 1])}</details>`,
    htmlTable(
      head,
      rows.filter(([workload]) => ['pipelined-32', 'round-trips-128'].includes(workload ?? '')),
      [0, 1],
    ),
  ].join('\n')
}

function conditions(results: Results): string {
  const { sockets, framing, limits, unequal } = conditionsOf(results)
  return [
    '<h2 id="conditions">Equal conditions</h2>',
    paragraph('Read off the listeners and the processes while they ran, not off the sources.', 'lead'),
    paragraph(
      unequal.length === 0
        ? 'All patterns ran with the same socket options, the same Node and the same flags.'
        : `Not equal: ${unequal.join('; ')}.`,
    ),
    htmlTable(sockets.head, sockets.rows, [0, 1, 2, 3, 4, 5, 6]),
    '<h3>Framing: one message of 32 bytes</h3>',
    htmlTable(framing.head, framing.rows, [0, 3]),
    '<h3>Limits</h3>',
    paragraph('The same for all patterns. Some workloads set others.'),
    htmlTable(limits.head, limits.rows, [0, 2]),
  ].join('\n')
}

const COLUMNS: readonly Figure[] = [
  'messagesPerSecond',
  'bytesPerSecond',
  'serverCpuMicros',
  'p50Micros',
  'p90Micros',
  'p99Micros',
  'p999Micros',
  'serviceP99Micros',
  'silenceMs',
  'loopDelayP99Ms',
  'collectingShare',
  'peakRssBytes',
  'idleRssBytes',
  'idleHeldBytes',
  'idleYoungBytes',
]
const COLUMN_TITLES: Readonly<Record<string, string>> = {
  messagesPerSecond: 'messages/s',
  bytesPerSecond: 'bytes/s',
  serverCpuMicros: 'CPU/message',
  p50Micros: 'p50',
  p90Micros: 'p90',
  p99Micros: 'p99',
  p999Micros: 'p99.9',
  serviceP99Micros: 'p99 from sending',
  silenceMs: 'silence',
  loopDelayP99Ms: 'loop delay p99',
  collectingShare: 'collecting',
  peakRssBytes: 'peak RSS',
  idleRssBytes: 'RSS/idle',
  idleHeldBytes: 'held/idle',
  idleYoungBytes: 'young/idle',
}

function allFigures(analyses: readonly WorkloadAnalysis[]): string {
  return [
    '<h2 id="figures">All figures</h2>',
    paragraph(
      'Medians of blocks. A dash: not measured, not to be known of that server, or a percentile beyond which fewer than ten ' +
        'messages of a block lie. Silence is the longest time in which nothing arrived; collecting is the share of time in which the ' +
        'garbage collector kept the server from anything else; young is the part of RSS that V8 keeps as room for young objects.',
      'lead',
    ),
    ...analyses.map(({ workload, rows }) => {
      const columns = COLUMNS.filter((name) => rows.some((row) => row.typical[name]))
      const head = ['server', 'blocks', ...columns.map((name) => COLUMN_TITLES[name] ?? name)]
      const lines = rows.map((row) => [
        row.subject.name,
        `${row.blocks.length}`,
        ...columns.map((name) => write(row, name)),
      ])
      return `<details><summary>${escapeHtml(workload.name)}: ${escapeHtml(workload.title)}</summary>${htmlTable(head, lines)}</details>`
    }),
  ].join('\n')
}

function method({ machine, made, subjects }: Run): string {
  const rows = [
    ['CPU', `${machine.cpu}, ${machine.cores} cores`],
    ['memory', bytes(machine.memoryBytes)],
    ['system', `${machine.platform} ${machine.kernel}`],
    ['Node', `${machine.node}, V8 ${machine.v8}, flags: ${machine.flags.join(' ') || 'none'}`],
    [
      'commit',
      `${machine.commit ?? 'unknown'}${machine.dirty === true ? ', with changes' : machine.dirty === false ? ', no changes' : ''}`,
    ],
    ['package-lock.json', machine.lock ?? 'unknown'],
    ['load before the run', number(machine.loadBefore)],
    ['seed', `${made.seed}`],
    ['command', `switchyard ${made.command}`],
    ...subjects.map(({ name, conformance }) => [`conformance: ${name}`, conformance.summary]),
  ]
  return [
    '<h2 id="method">Method</h2>',
    paragraph(
      'Load comes from a process of its own, over loopback. Each block starts a fresh server process, warms it up and measures it ' +
        'once; in each round every server of a workload is measured in an order drawn from the seed, and ratios are taken within rounds, so ' +
        "that a machine whose speed drifts does not favour anybody. The block is the unit of all statistics: a block's million messages are " +
        'one figure. Intervals are bootstrap intervals over blocks, widened for small numbers as Hesterberg (2015) has it.',
    ),
    htmlTable(['', ''], rows, [0, 1]),
  ].join('\n')
}

function write(row: Row, name: Figure): string {
  const found = row.typical[name]
  return found ? figure(name, found.value) : '-'
}
