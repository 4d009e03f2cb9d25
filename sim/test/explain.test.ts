import { describe, expect, test } from 'vitest'
import { renderChart, renderLog, renderSvg, renderTrace, ScheduleChoices } from '../src/index.ts'
import type { Event, Outcome } from '../src/index.ts'
import { embrace, relay, send, starting, TicketChecker, tickets, toySpeech, worldOf } from './toys.ts'
import type { ToySay } from './toys.ts'

const twice = starting(tickets, () => new TicketChecker())(
  worldOf([[send(1, '')], [send(0, 'abc')]], { prologue: true }),
  new ScheduleChoices([0, 0, 1]),
).run()

/** One of every kind of event, for four clients. */
const everything: readonly Event<ToySay>[] = [
  { kind: 'connect', client: 3, refused: true },
  ...(['send', 'begin'] as const).map((kind): Event<ToySay> => ({
    kind: 'move',
    client: 2,
    move: { kind: 'say', say: { kind, to: 0, body: new Uint8Array(1) } },
    sent: new Uint8Array(0),
    bytes: 1_048_576,
    whole: false,
  })),
  ...(['fin', 'reset', 'stall', 'resume'] as const).map((kind): Event<ToySay> => ({
    kind: 'move',
    client: 1,
    move: { kind },
    sent: new Uint8Array(0),
    bytes: 0,
    whole: true,
  })),
  ...(['fin', 'reset'] as const).map((what): Event<ToySay> => ({ kind: 'deliver', client: 0, what, bytes: 0 })),
  { kind: 'accept', client: 3, bytes: 1_048_576 },
  { kind: 'end', client: 0, end: 'fin' },
  { kind: 'end', client: 1, end: 'reset' },
  { kind: 'time', now: 10_000 },
  { kind: 'shutdown' },
  { kind: 'turn' },
]

const long: Outcome<ToySay> = {
  events: everything,
  violation: { clause: 'R3.4', message: `<b> & "quotes" ${'words '.repeat(40)}` },
  waits: `deadlock: ${'client 7 waits for lock "sockets", held by client 3, which '.repeat(4)}`,
}

describe('the chart', () => {
  test('has a lifeline for each client and for the server, a line for each event, and the verdict', async () => {
    expect(renderChart(await twice, toySpeech)).toBe(
      `      client 0 client 1  server
   1     ├────────┼────────▶  client 0 connects
   2     ◀────────┼────────┤  client 0 reads 1 byte
   3     │        │        ●  turn ends
   4     │        ├────────▶  client 1 connects
   5     │        ◀────────┤  client 1 reads 1 byte
   6     │        │        ●  turn ends
   7     ●        │        │  client 0 sends 2 bytes for client 1
   8     │        ●        │  client 1 sends 5 bytes for client 0
   9     ├────────┼────────▶  server reads 2 bytes from client 0
  10     │        ├────────▶  server reads 5 bytes from client 1
  11     │        │        ●  turn ends
  12     ◀────────┼────────┤  client 0 reads 1 byte
  13     │        ◀────────┤  client 1 reads 1 byte

T1 is violated: ticket 1 was given twice
nobody waits
`,
    )
  })

  test('has words for everything, in 100 columns', () => {
    const chart = renderChart(long, toySpeech)
    expect(Math.max(...chart.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(chart).toMatchInlineSnapshot(`
      "      client 0 client 1 client 2 client 3  server
         1     │        │        │        ├────────▶  client 3 is refused
         2     │        │        ●        │        │  client 2 sends 1048576 bytes for client 0 (in part)
         3     │        │        ●        │        │  client 2 begins with 1048576 bytes for client 0
         4     │        ●        │        │        │  client 1 sends FIN
         5     │        ●        │        │        │  client 1 resets its connection
         6     │        ●        │        │        │  client 1 stops reading
         7     │        ●        │        │        │  client 1 reads again
         8     ├────────┼────────┼────────┼────────▶  server reads the FIN of client 0
         9     ├────────┼────────┼────────┼────────▶  server notices the reset of client 0
        10     │        │        │        │        ●  kernel accepts 1048576 more for client 3
        11     ◀────────┼────────┼────────┼────────┤  client 0 sees the FIN
        12     │        ◀────────┼────────┼────────┤  client 1 sees a reset
        13 ┄┄┄┄│┄┄┄┄┄┄┄┄│┄┄┄┄┄┄┄┄│┄┄┄┄┄┄┄┄│┄┄┄┄┄┄┄┄│  time is 10000 ms
        14     │        │        │        │        ●  server is told to shut down
        15     │        │        │        │        ●  turn ends

      R3.4 is violated: <b> & "quotes" words words words words words words words words words words words
        words words words words words words words words words words words words words words words words
        words words words words words words words words words words words words words
      deadlock: client 7 waits for lock "sockets", held by client 3, which client 7 waits for lock
        "sockets", held by client 3, which client 7 waits for lock "sockets", held by client 3, which
        client 7 waits for lock "sockets", held by client 3, which
      "
    `)
  })

  test('with more clients has narrow lanes', () => {
    const events = Array.from({ length: 12 }, (_, client): Event<ToySay> => ({
      kind: 'connect',
      client,
      refused: false,
    }))
    const chart = renderChart({ events, violation: undefined, waits: 'nobody waits' }, toySpeech)
    expect(Math.max(...chart.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(chart).toContain(' 10  11 srv')
    expect(chart).toContain('nothing is violated')
  })

  test('names the cycle of a deadlock', async () => {
    const world = worldOf([[send(0, '')], [send(1, '')]])
    const outcome = await starting(embrace)(world, new ScheduleChoices([])).run()
    expect(renderChart(outcome, toySpeech).replaceAll(/\s+/g, ' ')).toContain(
      'deadlock: client 0 waits for lock "the other", held by client 1, which waits for lock "the other", held by client 0',
    )
  })
})

describe('the picture', () => {
  test('is one element that refers to nothing outside, for light and dark, its text escaped', () => {
    const svg = renderSvg(long, toySpeech)
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+(\.5)? \d+"[^]*<\/svg>\n$/)
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import|href/)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toContain('&lt;b&gt; &amp; &quot;quotes&quot;')
    expect(svg).not.toContain('<b>')
    expect(balanced(svg)).toBe(true)
  })

  test('says the same as the chart', async () => {
    const svg = renderSvg(await twice, toySpeech)
    const texts = [...svg.matchAll(/<text x[^>]*>([^<]*)</g)].map(([, text]) => text)
    const words = renderChart(await twice, toySpeech)
      .split('\n')
      .slice(1, 14)
      .map((line) => line.slice(30))
    expect(texts).toEqual(words)
  })

  /** Every element that is opened is closed, in order. */
  function balanced(xml: string): boolean {
    const open: string[] = []
    for (const [, close, name = '', self] of xml.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (self) continue
      if (!close) open.push(name)
      else if (open.pop() !== name) return false
    }
    return open.length === 0
  }
})

describe('the trace', () => {
  interface TraceEvent {
    readonly ph: string
    readonly tid: number
    readonly ts?: number
    readonly id?: number
    readonly name: string
    readonly args?: { readonly name?: string }
  }

  interface Trace {
    readonly traceEvents: readonly TraceEvent[]
    readonly otherData: { readonly violation: string; readonly waits: string }
  }

  test('has a named track for each, a slice for each event, and a flow from each send to its delivery', async () => {
    const outcome = await twice
    const { traceEvents, otherData }: Trace = JSON.parse(renderTrace(outcome, toySpeech))
    const names = traceEvents.filter(({ name }) => name === 'thread_name').map(({ args }) => args?.name)
    expect(names).toEqual(['client 0', 'client 1', 'server'])
    const slices = traceEvents.filter(({ ph }) => ph === 'X')
    expect(slices.length).toBe(outcome.events.length)
    expect(slices.map(({ ts }) => ts)).toEqual(slices.map((_, index) => index * 1000))
    // Events 7 and 8 are the sends, 9 and 10 bring them.
    const flows = traceEvents.filter(({ ph }) => ph === 's' || ph === 'f').map(({ ph, tid, ts }) => [ph, tid, ts])
    expect(flows).toEqual([
      ['s', 0, 6000],
      ['f', 2, 8000],
      ['s', 1, 7000],
      ['f', 2, 9000],
    ])
    expect(otherData).toEqual({ violation: 'T1: ticket 1 was given twice', waits: 'nobody waits' })
  })

  test('a send that arrives in pieces flows to the last of them', async () => {
    const world = worldOf([[send(0, 'abc')]], { prologue: true, cuts: 'anywhere' })
    const outcome = await starting(relay)(world, { choose: (_count, kind) => (kind === 'cut' ? 1 : 0) }).run()
    const deliveries = outcome.events.flatMap((event, index) => (event.kind === 'deliver' ? [index] : []))
    expect(deliveries.length).toBe(5)
    const { traceEvents }: Trace = JSON.parse(renderTrace(outcome, toySpeech))
    expect(traceEvents.filter(({ ph }) => ph === 'f').map(({ ts }) => ts)).toEqual([(deliveries.at(-1) ?? 0) * 1000])
  })
})

describe('the log', () => {
  test('has a line for each event with what clients read, and the verdict', async () => {
    const read: Event<ToySay> = { kind: 'read', client: 0, bytes: Uint8Array.from({ length: 17 }, (_, i) => i) }
    const log = renderLog({ ...long, events: [read, ...everything.slice(0, 1)] }, toySpeech)
    expect(log).toBe(
      `1 client 0 reads 17 bytes 000102030405060708090a0b0c0d0e0f 6fe9fddf\n2 client 3 is refused\nR3.4 ${long.violation?.message}\n`,
    )
    expect(renderLog({ ...long, events: [], violation: undefined }, toySpeech)).toBe('no violation\n')
    const lines = renderLog(await twice, toySpeech).split('\n')
    expect(lines[1]).toBe('2 client 0 reads 1 byte 01')
  })
})
