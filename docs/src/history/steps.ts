/** How one comes to the five, and to a chat: each step is a server that runs, and the check that finds it out. */
import { chatEdit, faultOfChat, planted } from '../lab/edits.ts'
import type { Edit } from '../lab/edits.ts'
import type { PlantedFault } from '@switchyard/conformance/portable'

/** Ten steps on the way to the five: a first try, and then a fault of `shared-tests/mutants` each. */
export interface PatternStep {
  /** The server's name, and that of its file. */
  readonly id: string
  readonly title: string
  readonly file: string
  /** What it breaks, as `Mutant.seenBy`; for a variant, which is judged by cases, the case. */
  readonly breaks: string
  /** The part of the file that is wrong, and the part of one of the five that is right in its place: `file#part`. */
  readonly wrong: string
  readonly right: string
}

const mutant = (id: string, title: string, breaks: string, part: string, right: string): PatternStep => {
  const file = `shared-tests/mutants/src/${id}.ts`
  return { id, title, file, breaks, wrong: `${file}#${part}`, right }
}
const five = (pattern: string, part: string): string => `impls/${pattern}/src/server.ts#${part}`

export const PATTERN_STEPS: readonly PatternStep[] = [
  {
    id: 'plain',
    title: 'Write, and let the runtime keep it',
    file: 'variants/src/plain.ts',
    breaks: 'R5.4-short-messages-bounded',
    wrong: 'variants/src/plain.ts#give',
    right: five('reactor', 'write'),
  },
  mutant('two-writes-a-message', 'Two awaits in one message', 'R3.3', 'deliver', five('mutex', 'deliver')),
  mutant('lock-held-while-reading', 'A lock around everything', 'G1', 'run', five('mutex', 'run')),
  mutant('same-lock-twice', 'The lock, taken again', 'G1', 'goOn', five('mutex', 'deliver')),
  mutant('two-locks-in-two-orders', 'A lock for each', 'G1', 'step', five('mutex', 'step')),
  mutant('decided-before-the-await', 'Old news', 'R4.1', 'run', five('mutex', 'run')),
  mutant('writers-report-back', 'Two bounded channels', 'G1', 'write', five('channel-per-writer', 'write')),
  mutant('race-loses-bytes', 'Racing reads', 'R3.4', 'next', five('race', 'read')),
  mutant('race-favours-the-first', 'Every tie to the first', 'G5', 'run', five('race', 'run')),
  mutant('reactor-forgets-to-arm', 'A wake-up that is lost', 'G1', 'read', five('reactor', 'read')),
]

/** Eighteen steps to a chat, as a tutorial takes them: what the step adds, and what can be wrong with that. */
export interface ChatStep {
  readonly id: string
  readonly adds: string
  readonly edit: Edit
  readonly says: string
  /** The case that finds it. */
  readonly case: string
}

/** A fault of the suite's own list. */
const known = (adds: string, id: string): ChatStep => {
  const { says, case: caught } = faultOfChat(id)
  return { id, adds, says, case: caught, edit: chatEdit(id) }
}

/** What only the first two steps' servers do: no chat does it. */
const early = (adds: string, fault: PlantedFault): ChatStep => {
  const { id, says, case: caught } = fault
  return { id, adds, says, case: caught, edit: planted('chat', fault) }
}

export const CHAT_STEPS: readonly ChatStep[] = [
  early('An echo', {
    id: 'echo',
    says: 'who says something hears it, and nobody else does',
    case: 'C3.3-room-and-no-other',
    file: 'chat.ts',
    find: '    this.#publish(member.room, this.#line.subarray(0, end + 1), out)',
    replace: '    out.offer(member.id, this.#line.subarray(0, end + 1))',
  }),
  early('A loop around accepting: one connection after the other', {
    id: 'one-after-the-other',
    says: 'while one is connected, whoever else connects hears nothing',
    case: 'C2.1-names-of-the-new',
    file: 'chat.ts',
    find: '    const member = new Member(id, role,',
    replace: '    if (this.#members.size > 0) return\n    const member = new Member(id, role,',
  }),
  known('Messages, one for each read', 'one-reader-for-all'),
  known('Lines, by a ready-made codec', 'unfinished-line-said-at-fin'),
  known('The commands /help and /quit', 'commands-are-prefixes'),
  known('A task for each connection', 'telnet-is-text'),
  known('A channel that everybody hears, when they next say something', 'own-line-first'),
  known('Whichever comes first, a line to send or a line to receive', 'deaf-to-who-lags'),
  known('Names, and who says what', 'control-characters-pass'),
  known('Another name, by /name', 'old-name-never-free'),
  known('A name is free when its owner has gone', 'old-names-of-the-gone'),
  known('A main room, and who comes and goes', 'end-is-not-told'),
  known('Other rooms, by /join', 'room-deleted-under-a-joiner'),
  known('Which rooms there are, by /rooms', 'rooms-by-name'),
  known('Empty rooms go', 'room-outlives-its-members'),
  known('Who is in the room, by /users', 'listed-before-it-is-told'),
  known('It gets faster', 'lines-are-sent'),
  known('The longest line, and other last touches', 'cr-counts'),
]
