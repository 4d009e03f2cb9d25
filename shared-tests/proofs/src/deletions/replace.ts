// A hook for modules: one built file is read from another place.
import { readFile } from 'node:fs/promises'
import type { InitializeHook, LoadHook } from 'node:module'
import type { Question } from './messages.ts'

let question: Question | undefined

export const initialize: InitializeHook<Question> = (given) => {
  question = given
}

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!question || url !== question.replaces) return nextLoad(url, context)
  return { format: 'module', source: await readFile(new URL(question.module)), shortCircuit: true }
}
