import { fork } from 'node:child_process'
import type { Answer, FromChild, Question, Stage } from './messages.ts'

const CHILD = new URL('./child.js', import.meta.url)
/** A child that has not been heard of for so long spins: its mutant never lets anything else happen. */
const SILENCE_MS = 12_000

/** Tries one mutant. Settles with what noticed it; a mutant that spins is noticed by whichever stage it spun in. */
export function ask(question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    let stage: Stage = 'simulator'
    let answer: Answer | undefined
    const silent = (): void => {
      answer ??= noticed(stage, 'it spins: nothing else ever happens')
      child.kill('SIGKILL')
    }
    let timer = setTimeout(silent, SILENCE_MS)
    child.on('message', (message: FromChild) => {
      clearTimeout(timer)
      timer = setTimeout(silent, SILENCE_MS)
      if (message.kind === 'alive') ({ stage } = message)
      else ({ answer } = message)
    })
    child.on('exit', () => {
      clearTimeout(timer)
      resolve(answer ?? noticed(stage, 'the process ended'))
    })
    child.send(question)
  })
}

function noticed(stage: Stage, message: string): Answer {
  return stage === 'simulator'
    ? { by: 'simulator', clause: '', message, schedules: 0 }
    : { by: 'suite', clause: '', message }
}
