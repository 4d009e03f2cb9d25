import { renderChart } from '@switchyard/sim'
import type { ClientId } from '@switchyard/core'
import type { Outcome, Speech } from '@switchyard/sim'
import type { Colours } from '@switchyard/conformance/reports'
import type { FoundSchedule, Schedule, Sought } from './schedule.ts'
import type { After, Owed, Stall } from './stall.ts'

/** What one stall over TCP was like, for people. */
export function renderStall(name: string, stall: Stall, colours: Colours): string {
  const { bold, dim } = colours
  const { inside } = stall
  const lines = [
    `${bold(`${name}, over TCP`)}: ${progressOf(stall, colours)}`,
    ...scenario(stall).map((line) => `  ${line}`),
  ]
  if (inside) lines.push('', dim('  who waits for whom'), ...inside.waits.map((line) => `    ${line}`))
  if (inside && stall.progress !== 'goes-on') lines.push(`  ${inside.sentence}`)
  lines.push('', dim('  who is owed what'), ...debtLines(stall.owed, stall.stalled).map((line) => `    ${line}`), '')
  lines.push(...conclusion(stall).map((line) => `  ${line}`))
  return `${lines.join('\n')}\n`
}

function progressOf({ progress, during, before, held }: Stall, { red, yellow, green }: Colours): string {
  switch (progress) {
    case 'stuck':
      return red('stuck')
    case 'slow':
      return yellow(`slow: ${Math.round((100 * during) / before)} % is left of what unrelated clients exchange`)
    case 'goes-on':
      return green(
        held ? 'goes on: only those wait that send to it' : 'goes on: nobody is held, not even those that send to it',
      )
  }
}

function scenario({ stalled, senders, takenBytes, held, before, during, watchedMs, ended, inside }: Stall): string[] {
  const until = held ? 'until nobody took anything more' : 'and all of it was taken'
  const lines = [
    `Client ${stalled} did not read; clients ${senders.join(' and ')} sent it ${mebibytes(takenBytes)}, ${until}.`,
    `Two pairs of clients that have nothing to do with that exchanged ${during} messages in ${watchedMs} ms; ${before} before.`,
  ]
  if (inside) lines.push(`The server held ${mebibytes(inside.heldBytes)}.`)
  if (ended.length > 0)
    lines.push(`The server ended the connection of ${ended.map((id) => `client ${id}`).join(', ')}.`)
  return lines
}

const DEBTS_MAX = 10

function debtLines(owed: readonly Owed[], stalled: ClientId | undefined): string[] {
  if (owed.length === 0) return ['nobody is owed anything']
  const lines = owed.slice(0, DEBTS_MAX).map(({ to, from, messages, forMs }) => {
    const count = messages === 1 ? '1 message' : `${messages} messages`
    const what = `client ${to} is owed ${count} by client ${from}, the first for ${seconds(forMs)}`
    return to === stalled ? `${what}; it does not read` : what
  })
  return owed.length > DEBTS_MAX ? [...lines, `and ${owed.length - DEBTS_MAX} more`] : lines
}

/** What helped tells what it was. */
function conclusion(stall: Stall): string[] {
  const { after, progress, stalled, held } = stall
  if (after.state === 'owed') return ['suspects', ...forGood(after, stall)]
  const soon = `everything had come within ${seconds(after.afterMs)}`
  if (progress !== 'goes-on') {
    return [
      'suspects',
      `  client ${stalled}, which does not read: when it did again, ${soon}. So somebody in the server`,
      '  waits for it to read, and everybody waits for that one (a lock, a dispatcher, a loop that waits with a write).',
    ]
  }
  return [
    `When client ${stalled} read again, ${soon}.`,
    held
      ? 'The server holds back whoever sends to a client that does not read, and nobody else.'
      : 'The server holds nobody back, so it keeps all of it: its memory has no bound but a deadline, if there is one (R5.4).',
  ]
}

function forGood({ owed, waits }: Extract<After, { state: 'owed' }>, { stalled }: Stall): string[] {
  return [
    `  the server: client ${stalled} read again, and that was no help. Everybody reads, nothing comes any more, and still`,
    ...debtLines(owed, undefined).map((line) => `    ${line}`),
    '  Those messages are lost, or wait for each other (R3.4, G1).',
    ...waits.map((line) => `    ${line}`),
  ]
}

/** How it comes to that, for people: the chart of the shortest schedule that was found. */
export function renderSchedule(
  name: string,
  { sought, explored, found }: Schedule,
  speech: Speech<unknown>,
  { bold, dim }: Colours,
): string {
  if (!found) return `${bold(`${name}, simulated`)}: ${missing(sought, explored)}\n`
  return [
    `${bold(`${name}, simulated`)}: ${aimOf(sought)}`,
    `  ${sizeOf(found)}`,
    `  switchyard replay ${found.replay}`,
    ...(sought.kind === 'held'
      ? [dim('  Replayed, it goes on until the write deadline ends the client that does not read.')]
      : []),
    '',
    renderChart(shownOf(sought, found.outcome), speech),
  ].join('\n')
}

function sizeOf({ size }: FoundSchedule): string {
  switch (size) {
    case 'plainest':
      return 'In the plainest order of events; with one message less it does not come to that.'
    case 'minimal':
      return 'The shortest way there: nothing can be taken away from it.'
    case 'shrunk':
      return 'The shortest way there that was found.'
  }
}

function aimOf(sought: Sought): string {
  switch (sought.kind) {
    case 'fault':
      return `how it comes that ${sought.clause} is violated`
    case 'price':
      return `how it comes that everybody waits, judged as if it declared ${sought.declared.join(' and ')}`
    case 'undeclared':
      return `how it comes to something that it does not promise, judged as if it declared ${sought.declared.join(', ')}`
    case 'unbounded':
      return 'how it comes that more is held than R5.4 allows'
    case 'lost':
      return 'how it comes that messages for a client that reads late are lost'
    case 'held':
      return 'how it comes that a sender is held, and nobody else'
  }
}

function missing(sought: Sought, explored: number): string {
  switch (sought.kind) {
    case 'fault':
      return `${sought.clause} was not violated in ${explored} schedules; \`switchyard verify\` judges it by the conformance suite`
    case 'undeclared':
      return sought.declared.length === 0
        ? 'it promises everything that there is to promise, so that there is no price to be shown'
        : `in ${explored} schedules nothing came of its not declaring ${sought.declared.join(', ')}`
    case 'price':
    case 'unbounded':
    case 'lost':
    case 'held':
      return `in ${explored} schedules with a client that does not read, it did not come to that`
  }
}

/** That a sender is held is what the server promises: no violation to be drawn. */
export function shownOf<Say>(sought: Sought, outcome: Outcome<Say>): Outcome<Say> {
  return sought.kind === 'held' ? { ...outcome, violation: undefined } : outcome
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
