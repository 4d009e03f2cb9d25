import { FAULTS } from '@switchyard/protocols/chat/faults'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { CHAT_STEPS, PATTERN_STEPS } from '../history/steps.ts'
import type { ChatStep, PatternStep } from '../history/steps.ts'
import { changes } from '../site/changes.ts'
import { LEVELS } from '../game/levels.ts'
import { page } from './page.ts'
import type { Page } from './page.ts'

/** Steps that are faults of the tutorial's last server, too. */
const TUTORIALS = FAULTS.filter(({ tutorial }) => tutorial).length

const INTRO = `Nobody writes the fifth server first. These are the servers on the way: ten to the five patterns, eighteen to a chat, which is as many as a
[well-known tutorial](chapters/faults-that-nobody-saw.md) takes. Each of them runs, and most pass a test that sends a message and looks. Before you
read what it breaks, say what it will be.

Each step opens in [the laboratory](lab.md) with its edit: *Judge by the cases* or *Explore schedules* says what you predicted, or that you were wrong. In the
differences, \`-\` is the step and \`+\` is what it became.`

/** `read` returns a file's text, by its path from the repository's root. */
export function historyPage(read: (path: string) => string): Page {
  const body = [
    INTRO,
    '## Ten steps to the five',
    ...PATTERN_STEPS.map((step, index) => patternStep(step, index + 1, read(step.file))),
    '## Eighteen steps to a chat',
    `The chat here is sound. Each edit brings back what the server of that step does, and the reactor runs it. ${TUTORIALS} of them are
[the tutorial's own last server's](protocols/chat.md#where-the-tutorial-s-server-differs).`,
    ...CHAT_STEPS.map((step, index) => chatStep(step, index + 1)),
  ]
  const made = page('history.md', 'How one comes to it', 'docs/src/history/steps.ts', body.join('\n\n'))
  return { ...made, text: `---\npageClass: chapter\naside: false\n---\n\n${made.text}` }
}

function patternStep({ id, title, breaks, wrong, right }: PatternStep, number: number, text: string): string {
  const tried = idea(text)
  const level = LEVELS.some((each) => each.id === id)
    ? `; or find the order of events yourself, in [the game](game.md#level=${id})`
    : ''
  const link = (part: string): string => part.slice(0, part.indexOf('#'))
  return [
    `### ${number}. ${title}`,
    `*Idea.* ${tried.idea}`,
    `[${wrong} → ${right}](../${link(wrong)})`,
    `*Breaks* \`${breaks}\`. ${tried.flaw}`,
    `[Run it](lab.md#lab=${id})${level}.`,
  ].join('\n\n')
}

function chatStep({ id, adds, says, case: caught, edit }: ChatStep, number: number): string {
  const clause = CHAT.clauses.find((each) => caught.startsWith(`${each.id}-`))
  if (!clause) throw new RangeError(`${caught} has no clause`)
  return [
    `### ${number}. ${adds}`,
    `\`\`\`diff\n${changes(edit.to.trimEnd(), edit.from.trimEnd())}\n\`\`\``,
    `*Breaks* \`${caught}\`: ${says}.`,
    `> ${clause.id} ${clause.sentences.join(' ').replaceAll('<', '&lt;')}`,
    `[Run it](lab.md#lab=${id}), a change of \`${edit.file}\`.`,
  ].join('\n\n')
}

/** Of a header: what was thought, and what is wrong with it, which a variant calls its price. Throws RangeError for a file without. */
function idea(text: string): { readonly idea: string; readonly flaw: string } {
  const header = text.slice(0, text.indexOf('*/'))
  const part = (names: string): string => {
    const [, found] =
      new RegExp(`^ \\* (?:${names}) +([\\s\\S]*?)(?=^ \\* \\S|^ $)`, 'm').exec(`${header}\n * End`) ?? []
    if (found === undefined) throw new RangeError(`a header must have ${names}`)
    return found.replaceAll(/\s*\n \*\s*/g, ' ').trim()
  }
  return { idea: part('Idea'), flaw: part('Flaw|Price') }
}
