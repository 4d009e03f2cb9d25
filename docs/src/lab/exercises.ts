/** A file with one change: something to find, and to mend. It is judged by the cases and the schedules, not by its text. */
import { chatEdit, EARLY_FLUSH, edited, epmdEdit, MISSING_AWAIT, NO_ERROR_CHANNEL } from './edits.ts'
import type { Edit } from './edits.ts'
import { SOURCES } from './files.ts'

export interface Exercise {
  readonly id: string
  readonly title: string
  /** What the reader is to think about first. */
  readonly task: string
  /** The file that was changed, from the repository's root. */
  readonly path: string
  /** The text that the reader begins with. */
  readonly text: string
  /** One that passes. There are others. */
  readonly solution: string
}

/** `edit` is what the checks must find, and `solved`, in place of the sound passage, what they must not. */
function changed(edit: Edit, solved: string = edit.from): Pick<Exercise, 'path' | 'text' | 'solution'> {
  return { path: edit.file, text: edited(edit, SOURCES), solution: edited({ ...edit, to: solved }, SOURCES) }
}

export const EXERCISES: readonly Exercise[] = [
  {
    id: 'missing-await',
    title: 'An await is missing',
    task: 'The lock is released, but something goes on. Which promise of the header does not hold any more, and in which order of events? Put the word back where it belongs.',
    ...changed(MISSING_AWAIT),
  },
  {
    id: 'early-flush',
    title: 'The flush stands too early',
    task: 'Writes come before reads, so let the flush come first, too? When does what a turn has decided leave now, and what if no other turn comes? Move two lines.',
    ...changed(EARLY_FLUSH),
  },
  {
    id: 'first-served',
    title: 'Who came first is always first',
    task: 'One client floods. How many turns does it take until another one is served, and how many may it take (G5)? Make it fair.',
    ...changed(
      {
        file: 'impls/reactor/src/server.ts',
        from: '    for (const connection of ready.readable.take()) read(connection)\n',
        to: `    const [first, ...others] = [...ready.readable.take()].toSorted((a, b) => a.id - b.id)
    for (const other of others) notice(ready.readable, other)
    if (first) read(first)
`,
      },
      // In another order, and each once: fair, too.
      '    for (const connection of [...ready.readable.take()].toReversed()) read(connection)\n',
    ),
  },
  {
    id: 'no-error-channel',
    title: 'Nobody hears of the end',
    task: 'The reader finds out that a client is gone; the dispatcher, which owns the sockets, must learn of it too. What stays behind if it does not? Tell it.',
    ...changed(NO_ERROR_CHANNEL),
  },
  {
    id: 'unnoticed',
    title: 'Filled, and not noticed',
    task: 'A variant: a reactor that posts to a mailbox for each client. Who empties a mailbox that was filled in this turn? Nobody waits, nothing is locked, and nothing comes. One line.',
    ...changed({
      file: 'variants/src/channel-reactor.ts',
      from: '      notice(ready.filled, destination)\n',
      to: '',
    }),
  },
  {
    id: 'empty-room',
    title: 'The room that stays',
    task: 'A chat, run by the reactor. A room without members is no room (C3.2). When does this one look whether it is empty? Change two lines.',
    ...changed(chatEdit('room-outlives-its-members')),
  },
  {
    id: 'name-is-not-free',
    title: 'A name that is never free',
    task: 'A directory, as Erlang’s nodes use it, run by the reactor. When a node goes its name is free again (D2.3). Where is that forgotten?',
    ...changed(epmdEdit('name-outlives-its-node')),
  },
]
