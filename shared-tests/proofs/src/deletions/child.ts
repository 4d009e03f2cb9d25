// One mutant, in a process of its own: it may crash, spin or leak without anybody else noticing.
import { register } from 'node:module'
import type { Answer, FromChild, Question, Stage } from './messages.ts'

let stage: Stage = 'simulator'

process.once('message', (question: Question) => {
  void ask(question)
})
process.on('uncaughtException', (error) => {
  const message = `crash: ${error.message}`
  answer(
    stage === 'suite' ? { by: 'suite', clause: '', message } : { by: 'simulator', clause: '', message, schedules: 0 },
  )
})

/** The judge stands on `core` itself: a mutant of that takes its place before the judge is imported. */
async function ask(question: Question): Promise<void> {
  if (question.replaces !== undefined) register('./replace.js', import.meta.url, { data: question })
  const { judgeMutant } = await import('./judge.ts')
  answer(
    await judgeMutant(question, (now) => {
      stage = now
      send({ kind: 'alive', stage })
    }),
  )
}

function answer(given: Answer): void {
  send({ kind: 'answer', answer: given })
  process.exit()
}

function send(message: FromChild): void {
  process.send?.(message)
}
