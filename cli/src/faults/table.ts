import type { Colours } from '@switchyard/conformance/reports'
import type { Faulted } from './run.ts'

interface Column {
  readonly title: string
  readonly width: number
  readonly cell: (row: Faulted) => number
}

const COLUMNS: readonly Column[] = [
  { title: 'seeds', width: 7, cell: ({ seeds }) => seeds.count },
  { title: 'balance', width: 9, cell: ({ seeds, failures }) => seeds.count - failures.length },
  { title: 'decided', width: 11, cell: ({ ledger }) => ledger.decided.count },
  { title: 'handed over', width: 13, cell: ({ ledger }) => ledger.handedOver.count },
  { title: 'to nobody', width: 11, cell: ({ ledger }) => ledger.notConnected.count },
  { title: 'aborted', width: 9, cell: ({ ledger }) => ledger.aborted.count },
  { title: 'queued', width: 8, cell: ({ ledger }) => ledger.queued },
]
const NAME_WIDTH = 19
const SECONDS_WIDTH = 8

export function heading({ bold }: Colours): string {
  const titles = COLUMNS.map(({ title, width }) => title.padStart(width)).join('')
  return bold(`${''.padEnd(NAME_WIDTH)}${titles}${'s'.padStart(SECONDS_WIDTH)}`)
}

export function rowOf(row: Faulted, { green, red }: Colours): string {
  const mark = row.failures.length === 0 ? green : red
  const cells = COLUMNS.map(({ cell, width }) => cell(row).toLocaleString('en').padStart(width)).join('')
  return `${mark(row.name.padEnd(NAME_WIDTH))}${cells}${row.seconds.toFixed(1).padStart(SECONDS_WIDTH)}`
}

/** What the columns say, and why connections were closed, over all rows. */
export function legend(rows: readonly Faulted[]): string {
  const closes: Record<string, number> = {}
  for (const row of rows)
    for (const [reason, times] of Object.entries(row.closes)) closes[reason] = (closes[reason] ?? 0) + times
  const counted = Object.entries(closes).filter(([, times]) => times > 0)
  return `
Messages, each server's greetings included: decided = handed over + to nobody + aborted + queued, in every seed.
decided      sent by the protocol, as counted around it
handed over  accepted whole by the operating system; whom nothing happened to has received exactly these
to nobody    for an id that was not connected any more (R3.7)
aborted      queued for a client whose connection was reset, or that missed its write deadline
queued       left when the last connection had closed
Closes: ${counted.map(([reason, times]) => `${reason} ${times}`).join(', ')}.
`
}

export function renderFailures({ name, failures }: Faulted, { red, dim }: Colours): string {
  return failures
    .map(({ seed, problems, plan, replay }) => {
      const said = problems.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}`).join('\n')
      return `\n${red(`${name}: seed ${seed}`)}\n${said}\n${dim(indented(plan))}\n  ${replay}\n`
    })
    .join('')
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
