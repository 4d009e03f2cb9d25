import * as Plot from '@observablehq/plot'
import type { Markish, PlotOptions } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Row, WorkloadAnalysis } from '../analysis/analysis.ts'
import { microsAt } from '../load/latencies.ts'
import { BEYOND_MIN, merged, quantileOf, timesOf } from '../analysis/metrics.ts'
import type { Figure } from '../analysis/metrics.ts'
import type { Palette } from './palette.ts'
import { byteTicks, logTicks, short, shortBytes, shortMicros } from './ticks.ts'

/** Static SVG, drawn without a browser. */
export type Svg = string

const WIDTH = 860
const HEIGHT = 380
/** The height of a server's row, and of the gap between two workloads, px. */
const ROW_HEIGHT = 12
const GAP_HEIGHT = 16
const AXES_HEIGHT = 70

/** How an axis reads. */
export interface Axis {
  readonly label: string
  /** Default: linear, from 0; `bytes` too. */
  readonly type?: 'linear' | 'log' | 'bytes'
  readonly write?: (value: number) => string
}

interface Point {
  readonly server: string
  readonly value: number
  readonly low: number
  readonly high: number
}

/** One figure against the number in which the workloads of a family differ: a line with a band for each server. */
export function byKnob(
  family: readonly WorkloadAnalysis[],
  figure: Figure,
  palette: Palette,
  x: Axis,
  y: Axis,
): Svg | undefined {
  const ats = family.map(({ workload }) => workload.at ?? 0)
  // A scale of logarithms has no 0: none of something stands where a quarter of the least would.
  const least = Math.min(...ats.filter((at) => at > 0))
  const place = (at: number): number => (x.type === 'log' && at === 0 ? least / 4 : at)
  const points = family.flatMap(({ workload, rows }) =>
    withoutTwins(rows).flatMap((row) => {
      const found = row.typical[figure]
      const fill = row.standing.state === 'saturated' ? HOLLOW : row.subject.name
      return found ? [{ at: place(workload.at ?? 0), server: row.subject.name, fill, ...finite(found) }] : []
    }),
  )
  if (new Set(points.map(({ at }) => at)).size < 2) return undefined
  const write = writerOf(x)
  return drawn(palette, {
    x: { type: x.type === 'log' ? 'log' : 'linear' },
    y: scaleOf(y, points),
    marks: [
      Plot.axisX(ats.map(place), { text: ats.map(write), label: x.label }),
      ...yAxis(y, points),
      Plot.areaY(points, { x: 'at', y1: 'low', y2: 'high', z: 'server', fill: 'server', fillOpacity: 0.13 }),
      Plot.lineY(points, { x: 'at', y: 'value', z: 'server', stroke: 'server', strokeWidth: 1.8 }),
      Plot.dot(points, { x: 'at', y: 'value', stroke: 'server', fill: 'fill', r: 3.2, title: 'server' }),
    ],
  })
}

/** One figure of several workloads, one below the other: a dot with an interval for each server. */
export function rowByRow(
  analyses: readonly WorkloadAnalysis[],
  figure: Figure | 'toYardstick',
  palette: Palette,
  x: Axis,
): Svg | undefined {
  const points = analyses.flatMap(({ workload, rows }) =>
    rows.flatMap((row) => {
      const found = figure === 'toYardstick' ? row.toYardstick : row.typical[figure]
      return found ? [{ workload: workload.name, server: row.subject.name, ...finite(found) }] : []
    }),
  )
  if (points.length === 0) return undefined
  const workloads = analyses.map(({ workload }) => workload.name)
  const servers = palette.names.filter((name) => points.some(({ server }) => server === name))
  const ticks = ticksOf(x, points)
  const write = writerOf(x)
  const at = { fy: 'workload', y: 'server' }
  return drawn(palette, {
    height: AXES_HEIGHT + workloads.length * (servers.length * ROW_HEIGHT + GAP_HEIGHT),
    marginLeft: 130,
    fy: { domain: workloads, label: null, axis: 'left', padding: 0.14 },
    y: { domain: servers, axis: null },
    x: scaleOf(x, points),
    marks: [
      ticks
        ? Plot.axisX(ticks, { text: ticks.map(write), label: x.label })
        : Plot.axisX({ tickFormat: write, label: x.label }),
      Plot.gridX(...(ticks ? [ticks] : [])),
      ...(figure === 'toYardstick' ? [Plot.ruleX([1], { stroke: 'currentColor', strokeDasharray: '3,3' })] : []),
      Plot.ruleY(points, { ...at, x1: 'low', x2: 'high', stroke: 'server', strokeWidth: 5, strokeOpacity: 0.3 }),
      Plot.dot(points, { ...at, x: 'value', fill: 'server', r: 3.6, title: 'server' }),
    ],
  })
}

const SHARES_PER_DECADE = 12
const NINES = [1, 2, 10, 100, 1000, 10_000, 100_000]
const LEAST_MICROS = 0.1

/**
 * Latency by percentile. The axis counts how many messages there are for each slower one, so each nine has as much room.
 * Where messages were sent by a schedule there are two lines for each server: from when a message was due, and dotted,
 * from when it was sent.
 */
export function byPercentile(rows: readonly Row[], palette: Palette): Svg | undefined {
  const own = withoutTwins(rows)
  const response = own.flatMap((row) => curveOf(row, 'response'))
  const service = own.flatMap((row) => curveOf(row, 'service'))
  if (response.length === 0) return undefined
  const most = Math.max(...response.map(({ oneIn }) => oneIn))
  const ticks = NINES.filter((tick) => tick <= most)
  const y: Axis = { label: 'time', type: 'log', write: shortMicros }
  const line = { x: 'oneIn', y: 'value', z: 'server', stroke: 'server' }
  return drawn(palette, {
    x: { type: 'log', domain: [1, most] },
    y: scaleOf(y, [...response, ...service]),
    marks: [
      Plot.axisX(ticks, { text: ticks.map(shareOf), label: 'share of messages that were no slower' }),
      Plot.gridX(ticks),
      ...yAxis(y, [...response, ...service]),
      Plot.areaY(response, { x: 'oneIn', y1: 'low', y2: 'high', z: 'server', fill: 'server', fillOpacity: 0.13 }),
      Plot.lineY(service, { ...line, strokeWidth: 1.4, strokeDasharray: '1,4', strokeLinecap: 'round' }),
      Plot.lineY(response, { ...line, strokeWidth: 1.8 }),
    ],
  })
}

interface CurvePoint extends Point {
  /** One message in so many is slower. */
  readonly oneIn: number
}

/** The line is of all blocks together; the band, where all of them have a say, from the lowest block to the highest. */
function curveOf(row: Row, which: 'response' | 'service'): CurvePoint[] {
  const each = timesOf(row.blocks, which)
  const all = merged(each)
  if (!all) return []
  const steps = Math.floor(Math.log10(all.totalCount / BEYOND_MIN) * SHARES_PER_DECADE)
  return Array.from({ length: Math.max(0, steps + 1) }, (_, step) => {
    const oneIn = 10 ** (step / SHARES_PER_DECADE)
    const share = 1 - 1 / oneIn
    const blocks = each.map((times) => quantileOf(times, share))
    const known = blocks.filter((value) => value !== null)
    const complete = known.length === blocks.length
    // A gap in the band is drawn where an end of it is not a number.
    return {
      server: row.subject.name,
      oneIn,
      value: drawable(microsAt(all, share)),
      low: complete ? drawable(Math.min(...known)) : Number.NaN,
      high: complete ? drawable(Math.max(...known)) : Number.NaN,
    }
  })
}

/** A scale of logarithms has no 0. */
function drawable(micros: number): number {
  return Math.max(LEAST_MICROS, micros)
}

function shareOf(oneIn: number): string {
  return oneIn === 1 ? 'fastest' : `${Number((100 * (1 - 1 / oneIn)).toFixed(4))} %`
}

/** The control is a line upon a line. */
function withoutTwins(rows: readonly Row[]): Row[] {
  return rows.filter(({ subject }) => subject.twinOf === undefined)
}

function yAxis(axis: Axis, points: readonly Point[]): Markish[] {
  const { label } = axis
  const write = writerOf(axis)
  const ticks = ticksOf(axis, points)
  if (!ticks) return [Plot.axisY({ label, tickFormat: write }), Plot.gridY()]
  return [Plot.axisY(ticks, { text: ticks.map(write), label }), Plot.gridY(ticks)]
}

function writerOf({ type, write = type === 'bytes' ? shortBytes : short }: Axis): (value: number) => string {
  return write
}

/** Undefined where Plot chooses. Of logarithms it leaves out most of the numbers, and it counts bytes by tens. */
function ticksOf({ type = 'linear' }: Axis, points: readonly Point[]): number[] | undefined {
  const [low, high] = extentOf(points)
  switch (type) {
    case 'log':
      return logTicks(low, high)
    case 'bytes':
      return byteTicks(high)
    case 'linear':
      return undefined
  }
}

function scaleOf(axis: Axis, points: readonly Point[]): NonNullable<PlotOptions['y']> {
  const ticks = ticksOf(axis, points)
  if (axis.type === 'log') return { type: 'log', domain: [...extentOf(points)] }
  return ticks ? { domain: [0, ticks.at(-1)] } : { zero: true, nice: true }
}

function extentOf(points: readonly Point[]): readonly [low: number, high: number] {
  const ends = points.flatMap(({ value, low, high }) => [value, low, high]).filter((end) => end > 0)
  return [Math.min(...ends) * 0.95, Math.max(...ends) * 1.05]
}

/** Ends that nobody knows are left out of the picture: the dot alone stays. */
function finite({ value, low, high }: Omit<Point, 'server'>): Omit<Point, 'server'> {
  return { value, low: Number.isFinite(low) ? low : value, high: Number.isFinite(high) ? high : value }
}

/** A dot without filling: its name on the scale of colours. */
const HOLLOW = 'hollow'

function drawn(palette: Palette, options: PlotOptions & { readonly marks: readonly Markish[] }): Svg {
  const { document } = parseHTML('<html><body></body></html>')
  const figure = Plot.plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 64,
    marginRight: 28,
    marginBottom: 44,
    ...options,
    marks: [...options.marks],
    document,
    className: 'plot',
    color: { domain: [...palette.names, HOLLOW], range: [...palette.colours, 'var(--paper)'] },
    style: { fontSize: '12px' },
  })
  return figure.outerHTML
}
