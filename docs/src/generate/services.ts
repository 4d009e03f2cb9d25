import { CASES, FAULTS, OTP_ABSENT, OTP_ROWS } from '@switchyard/services/suite'
import { membersOf } from './members.ts'
import { page, table } from './page.ts'
import type { Page } from './page.ts'

/** The library of services: its options, what a message comes to, and OTP's supervisor beside ours. */
export function servicesPage(read: (path: string) => string): Page {
  const otp = new Set(OTP_ROWS.map(({ id }) => id))
  const cases = CASES.filter(({ id }) => !otp.has(id))
  const body = [
    "Mailboxes that outlive their service, a directory of them, and a supervisor that restarts as OTP's does. What it is for: " +
      'the chapter [Let it crash](../chapters/let-it-crash.md). A program that uses it: ' +
      '[a job queue whose workers crash](../../examples/services/src/job-queue.ts), `npm start --workspace examples/services`.',
    `## A mailbox\n\n${options(read('services/src/mailbox.ts'), 'MailboxOptions')}`,
    `## What a message comes to\n\n${ENDS}`,
    `## A service\n\n${options(read('services/src/service.ts'), 'ServiceOptions')}`,
    `## A supervisor\n\n${options(read('services/src/strategy.ts'), 'Policy')}\n\n${options(read('services/src/supervisor.ts'), 'SupervisorOptions')}`,
    `## OTP's supervisor, and this one\n\n${OTP}\n\n${otpRows()}`,
    `### What OTP has and this has not\n\n${table(
      ['OTP', 'here'],
      OTP_ABSENT.map(({ what, why }) => [what, why]),
    )}`,
    `## What is proved\n\n${PROVED}\n\n${table(
      ['case', 'what it says'],
      cases.map(({ id, says }) => [`\`${id}\``, says]),
    )}`,
    `### Planted faults\n\n${PLANTED}\n\n${table(
      ['fault', 'what it does', 'found by'],
      FAULTS.map((fault) => [`\`${fault.id}\``, fault.says, foundBy(fault)]),
    )}`,
  ]
  return page('reference/services.md', 'Services', 'services/suite/otp.ts', body.join('\n\n'))
}

const ENDS = `\`Mailbox.send\` settles when the message is in, or when it is certain that it never will be. Whatever is in is done or
reported lost, once. Nothing is delivered twice: what is lost may be sent again by whoever knows that this does no harm.

${table(
  ['end', 'how the sender or the owner learns of it', 'when'],
  [
    ['came back `closed`', "`send`'s answer", 'nobody will receive it: the service, or the tree, is over'],
    ['came back `failed`', "`send`'s answer", 'the receiver died while the sender waited, and the mailbox says `fail`'],
    ['came back `stale`', "`send`'s answer", 'the sender is over; or it is told to retire, and would have to wait'],
    ['done', '`done`', 'the receiver asked for the next one, or returned'],
    ['lost `in-hand`', '`lost`', 'the receiver failed, or was abandoned, while at it: it may be done in part'],
    ['lost `unread`', '`lost`', 'it was in the mailbox, and nobody will take it'],
  ],
)}`

const OTP =
  'Each row is a test: the tree is built, the script is carried out on a simulated clock, and the reports are compared. Sources ' +
  "are cases of OTP's `supervisor_SUITE`, or sections of its documentation of `supervisor`. Where JavaScript cannot do what " +
  'Erlang does, the row says what happens instead: a process can be killed, a promise cannot. It is *abandoned*: nothing that it ' +
  'sends is accepted, and its mailbox is closed to it.'

const PROVED =
  'Beside the table and these cases, worlds of services are explored in which any of them fails or stands still wherever it awaits ' +
  'something: at random, and in small worlds at every place in turn. Each message must be done, come back or be reported lost, ' +
  'once; order must hold for each pair; restarts must be those of an independent copy of the rules; and stop must end. ' +
  '`npm run crashes --workspace @switchyard/services` lets 100,000 services crash, live and simulated. ' +
  '[Every statement was deleted in turn](../services-mutated.md).'

const PLANTED =
  'Each is a copy of the library with one passage changed; a test finds it by exploring, with the rule that it breaks, ' +
  'and by a case that fails.'

function options(source: string, name: string): string {
  const rows = membersOf(source, name).map((member) => [`\`${member.name}\``, `\`${member.type}\``, member.comment])
  return table([`\`${name}\``, 'type', ''], rows)
}

function otpRows(): string {
  const groups = [...new Set(OTP_ROWS.map(({ group }) => group))]
  return groups
    .map((group) => {
      const rows = OTP_ROWS.filter((row) => row.group === group).map(({ id, otp, source, instead, reports }) => [
        `\`${id}\``,
        otp,
        source,
        instead ?? 'the same',
        reports.join('; '),
      ])
      return `### ${group[0]?.toUpperCase()}${group.slice(1)}\n\n${table(['row', 'OTP', 'source', 'here', 'what is reported'], rows)}`
    })
    .join('\n\n')
}

function foundBy({ rule, case: failing, names }: (typeof FAULTS)[number]): string {
  const found = [...(rule === undefined ? [] : [`rule \`${rule}\``]), `case \`${failing}\``]
  return [...found, ...(names === undefined ? [] : [`which says: *${names}*`])].join(', ')
}
