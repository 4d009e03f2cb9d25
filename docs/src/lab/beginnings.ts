/** What a reader can begin with: files as they are, exercises, and the steps of the history. */
import { CHAT_STEPS, PATTERN_STEPS } from '../history/steps.ts'
import { edited } from './edits.ts'
import { EXERCISES } from './exercises.ts'
import { FILES, SOURCES, textOf } from './files.ts'

export interface Beginning {
  /** As links have it. */
  readonly id: string
  readonly title: string
  /** The file, from the repository's root, and what stands in it at first. */
  readonly path: string
  readonly text: string
  /** What to do with it. */
  readonly task?: string
}

const files = Object.entries(FILES).map(([group, those]): [string, readonly Beginning[]] => [
  group,
  those.map(({ name, path }) => ({ id: name, title: name, path, text: textOf(path) })),
])

/** By their groups. */
export const BEGINNINGS: Readonly<Record<string, readonly Beginning[]>> = {
  ...Object.fromEntries(files),
  Exercises: EXERCISES.map((exercise) => ({
    ...exercise,
    task: `${exercise.task} It is mended when every case passes and no schedule finds anything.`,
  })),
  // The first one is a variant.
  'Steps to the five': PATTERN_STEPS.filter(({ id }) => id !== 'plain').map(({ id, title, file }) => ({
    id,
    title,
    path: file,
    text: textOf(file),
  })),
  'Steps to a chat': CHAT_STEPS.map(({ id, adds, edit }) => ({
    id,
    title: adds,
    path: edit.file,
    text: edited(edit, SOURCES),
  })),
}

const ALL = Object.values(BEGINNINGS).flat()

/** Throws RangeError for an id that none has. */
export function beginningNamed(id: string): Beginning {
  const beginning = beginningOf(id)
  if (!beginning) throw new RangeError(`there is no file "${id}" to begin with`)
  return beginning
}

/** Undefined for an id that none has. */
export function beginningOf(id: string): Beginning | undefined {
  return ALL.find((each) => each.id === id)
}
