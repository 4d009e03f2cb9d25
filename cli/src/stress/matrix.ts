import { GUARANTEES } from '@switchyard/core'
import type { Guarantee } from '@switchyard/core'
import type { Cell, Stressed, Tried } from '@switchyard/stress'
import type { Colours } from '@switchyard/conformance/reports'
import type { ExpectedStress } from './expected.ts'
import { isForeign, markOf, nameOf, resultsOf, troublesOf } from './outcome.ts'
import type { Mark } from './outcome.ts'

const NAME_WIDTH = 22
const CELL_WIDTH = 10

/** What stands below a mark. */
const FIGURES: Readonly<Record<Guarantee, string>> = {
  G1: 'deadlock-free: what arrived when everybody sent to everybody',
  G2: 'isolates slow readers: what was left of unrelated pairs, of the one that fared worst',
  G3: 'bounds memory: held for two stalled readers and four eager senders',
  G4: 'blames the sender: who was made to wait for a stalled reader',
  G5: 'fair: reads of a flooder between two messages of a light client',
  G6: 'flat in idle: server CPU per message at 5,000 idle connections, against none',
  G7: 'absorbs bursts: what was left of unrelated pairs, of the one that fared worst',
  G8: 'holds one step: bytes held for eight stalled destinations, against one',
  G9: 'isolates lagging: what was left of the others when one of fifty members reads nothing, of the one that fared worst',
  G10: 'keeps time: the longest that others waited for a heartbeat while one client reads nothing',
  G11: 'groups commits: requests for one commit, of 16 clients with one request at a time each',
  G12: 'survives a full peer: what a peer that reads nothing was able to send of what it may send',
}

const LEGEND = '✓ promised, and it holds   – a price, and it is paid   ✗ not as declared   ? undecided'
const FOREIGN_LEGEND =
  "✓ holds   – does not hold   ✗ wrong   ? undecided   · not applicable: it can't be judged from outside"

const TRIALS: Readonly<Record<Tried['trial'], string>> = {
  storm: 'longest of three storms of 2,000 connections at once',
  churn: 'memory left behind by each of 30,000 connections that came and went',
  'write-deadline': 'when a client that reads nothing was disconnected; the deadline was 1.5 s',
}

/** A mark for each guarantee of each server, with its figure below; then the trials; then what is wrong, and what it all means. */
export function renderStressed(stressed: Stressed | ExpectedStress, colours: Colours): string {
  const { cells, trials } = stressed
  const { excuses, complaints }: Partial<ExpectedStress> = 'excuses' in stressed ? stressed : {}
  const shown = GUARANTEES.filter((id) => cells.some(({ guarantee }) => guarantee === id))
  const tried = [...new Set(trials.map(({ trial }) => trial))]
  const results = resultsOf(stressed)
  const foreign = results.some(isForeign)
  const troubles = [
    ...troublesOf(results),
    ...(complaints ?? []),
    ...[...(excuses ?? [])].map(
      ([cell, { reason }]) => `${cell.guarantee} does not hold, as expected (${reason}): ${cell.why}`,
    ),
    ...(foreign ? results.filter((result) => remarkable(result, excuses)).map(remark) : []),
  ]
  return [
    ...table(shown, (id) => cells.filter(({ guarantee }) => guarantee === id), colours),
    ...table(tried, (name) => trials.filter(({ trial }) => trial === name), colours),
    ...troubles,
    ...(troubles.length > 0 ? [''] : []),
    foreign ? FOREIGN_LEGEND : LEGEND,
    '',
    ...shown.map((id) => `${id}  ${FIGURES[id]}`),
    ...tried.map((name) => `${name}: ${TRIALS[name]}`),
    '',
  ].join('\n')
}

/** Whether a result of a server that declares nothing is worth a word: it neither fails nor passes. */
function remarkable(result: Cell | Tried, excuses: ExpectedStress['excuses'] | undefined): boolean {
  return result.ok && result.verdict !== 'holds' && !('guarantee' in result && excuses?.has(result))
}

function remark(result: Cell | Tried): string {
  const what = result.verdict === 'not-applicable' ? 'not applicable' : 'does not hold'
  return `${nameOf(result)} ${what}: ${result.why}`
}

/** Two lines for each server; a name that is too long has a line of its own. */
function table<Name extends string>(
  names: readonly Name[],
  column: (name: Name) => readonly (Cell | Tried)[],
  { bold, dim, green, red, yellow }: Colours,
): string[] {
  if (names.length === 0) return []
  const colourOf: Readonly<Record<Mark, (text: string) => string>> = {
    '✓': green,
    '–': dim,
    '·': dim,
    '✗': red,
    '?': yellow,
  }
  const width = (name: Name): number => Math.max(CELL_WIDTH, name.length + 2)
  const subjects = [...new Set(names.flatMap((name) => column(name).map(({ subject }) => subject)))]
  const lines = [bold((''.padEnd(NAME_WIDTH) + names.map((name) => name.padEnd(width(name))).join('')).trimEnd())]
  for (const subject of subjects) {
    const own = names.map((name) => ({ name, result: column(name).find((each) => each.subject === subject) }))
    const line = (text: (result: Cell | Tried) => string, colour: (result: Cell | Tried) => (text: string) => string) =>
      own
        .map(({ name, result }) => {
          const padded = (result ? text(result) : '').padEnd(width(name))
          return result ? colour(result)(padded) : padded
        })
        .join('')
    lines.push(
      ...(subject.length < NAME_WIDTH ? [] : [subject]),
      (subject.length < NAME_WIDTH ? subject : '').padEnd(NAME_WIDTH) +
        line(markOf, (result) => colourOf[markOf(result)]).trimEnd(),
      ''.padEnd(NAME_WIDTH) +
        line(
          ({ figure }) => figure,
          () => dim,
        ).trimEnd(),
    )
  }
  return [...lines, '']
}
